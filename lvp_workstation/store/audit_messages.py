"""The audit trail as DICOM audit messages (PS3.15 A.5), one XML document a record."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

from lvp_workstation.store.audit import AuditRecord

DCM = "DCM"
_MINOR_FAILURE = "4"
_APPLICATION = ("110100", "Application Activity")
_AUDIT_USED = ("110101", "Audit Log Used")
_ACCESSED = ("110103", "DICOM Instances Accessed")
_DELETED = ("110105", "DICOM Study Deleted")
_EXPORT = ("110106", "Export")
_PROCEDURE = ("110111", "Procedure Record")
_USER = ("110114", "User Authentication")
_ALERT = ("110113", "Security Alert")

EVENTS: Mapping[str, tuple[tuple[str, str], str]] = {
    "start": (_APPLICATION, "E"),
    "stop": (_APPLICATION, "E"),
    "chain_begins": (_AUDIT_USED, "C"),
    "audit_export": (_AUDIT_USED, "R"),
    "audit_damage": (_ALERT, "E"),
    "login": (_USER, "E"),
    "login_failed": (_USER, "E"),
    "unlock": (_USER, "E"),
    "lock": (_USER, "E"),
    "logout": (_USER, "E"),
    "account_created": (_ALERT, "E"),
    "account_changed": (_ALERT, "E"),
    "encrypted": (_ALERT, "E"),
    "comment": (_PROCEDURE, "U"),
    "create": (_PROCEDURE, "C"),
    "edit": (_PROCEDURE, "U"),
    "sign": (_PROCEDURE, "U"),
    "preliminary": (_PROCEDURE, "U"),
    "addendum": (_PROCEDURE, "U"),
    "reveal": (_ACCESSED, "R"),
    "open": (_ACCESSED, "R"),
    "seen": (_ACCESSED, "R"),
    "compare": (_ACCESSED, "R"),
    "export": (_EXPORT, "R"),
    "delete": (_DELETED, "D"),
}
"""Our events as codes of CID 400 and PS3.15 EventActionCode; another event counts as application activity.

Which message stands for a step of a reading is our choice: PS3.15 A.5.3 knows none for findings.
"""

_LOGIN, _LOGOUT = ("110122", "Login"), ("110123", "Logout")
_RIGHTS = ("110136", "User security Attributes Changed")
_TYPE_OF = {
    "start": ("110120", "Application Start"),
    "stop": ("110121", "Application Stop"),
    "login": _LOGIN,
    "login_failed": _LOGIN,
    "unlock": _LOGIN,
    "lock": _LOGOUT,
    "logout": _LOGOUT,
    "account_created": _RIGHTS,
    "account_changed": _RIGHTS,
    "encrypted": ("110131", "Security Configuration"),
}
"""EventTypeCode of CID 401."""


def to_messages(records: Iterable[AuditRecord], source_id: str, outcome: str = "0") -> tuple[bytes, ...]:
    """Return each record as one ``AuditMessage`` document in UTF-8.

    Parameters
    ----------
    source_id
        AuditSourceID: which workstation tells it.
    outcome
        EventOutcomeIndicator; what stands in the trail has succeeded.
    """
    return tuple(_document(_message(record, source_id, outcome)) for record in records)


def _document(message: ET.Element) -> bytes:
    text: bytes = ET.tostring(message, encoding="utf-8", xml_declaration=True)
    return text


def _message(record: AuditRecord, source_id: str, outcome: str) -> ET.Element:
    detail: Mapping[str, str] = json.loads(record.detail)
    code, action = EVENTS.get(record.event, (_APPLICATION, "E"))
    message = ET.Element("AuditMessage")
    event = ET.SubElement(
        message,
        "EventIdentification",
        EventActionCode=action,
        EventDateTime=record.time_utc,
        EventOutcomeIndicator=_MINOR_FAILURE if record.event == "login_failed" else outcome,
    )
    _code(event, "EventID", *code)
    kind = _TYPE_OF.get(record.event)
    if kind is not None:
        _code(event, "EventTypeCode", *kind)
    who = ET.SubElement(message, "ActiveParticipant", UserID=record.who or "program", UserIsRequestor="true")
    _code(who, "RoleIDCode", "110150", "Application")
    source = ET.SubElement(message, "AuditSourceIdentification", AuditSourceID=source_id)
    ET.SubElement(source, "AuditSourceTypeCode", {"csd-code": "1"})
    if detail.get("study"):
        _object(message, detail["study"], ("110180", "Study Instance UID"), "3", record)
    if detail.get("reading"):
        _object(message, detail["reading"], ("12", "URI"), "3", record, "RFC-3881", detail)
    return message


def _object(
    message: ET.Element,
    name: str,
    kind: tuple[str, str],
    role: str,
    record: AuditRecord,
    scheme: str = DCM,
    detail: Mapping[str, str] | None = None,
) -> None:
    """Add what the event was about; a system object in the role of a report."""
    element = ET.SubElement(
        message,
        "ParticipantObjectIdentification",
        ParticipantObjectID=name,
        ParticipantObjectTypeCode="2",
        ParticipantObjectTypeCodeRole=role,
    )
    _code(element, "ParticipantObjectIDTypeCode", *kind, scheme=scheme)
    ET.SubElement(element, "ParticipantObjectName").text = name
    for key, value in sorted((detail or {}).items()):
        if key not in ("study", "reading"):
            ET.SubElement(element, "ParticipantObjectDetail", type=key, value=_base64(value))
    if detail is not None:
        chain = f"{record.chain or 'unkeyed'}/{record.number}"
        ET.SubElement(element, "ParticipantObjectDetail", type="audit_record", value=_base64(chain))


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _code(parent: ET.Element, tag: str, value: str, meaning: str, scheme: str = DCM) -> None:
    """Add a CodedValueType (PS3.15 A.5.1.1)."""
    ET.SubElement(
        parent,
        tag,
        {"csd-code": value, "codeSystemName": scheme, "originalText": meaning, "displayName": meaning},
    )
