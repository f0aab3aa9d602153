"""DICOM audit messages: the structure that PS3.15 A.5.1.1 describes, and nothing of a patient."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from contextlib import closing
from xml.etree import ElementTree as ET

import pytest

from lvp_workstation.store.audit import AuditRecord, AuditTrail
from lvp_workstation.store.audit_messages import EVENTS, to_messages
from lvp_workstation.store.database import Database, sqlite_url

CODED = ({"csd-code", "codeSystemName", "originalText"}, {"displayName"})
ATTRIBUTES: Mapping[str, tuple[set[str], set[str]]] = {
    "AuditMessage": (set(), set()),
    "EventIdentification": ({"EventDateTime", "EventOutcomeIndicator"}, {"EventActionCode"}),
    "EventID": CODED,
    "EventTypeCode": CODED,
    "ActiveParticipant": (
        {"UserID", "UserIsRequestor"},
        {"AlternativeUserID", "UserName", "NetworkAccessPointID", "NetworkAccessPointTypeCode"},
    ),
    "RoleIDCode": CODED,
    "AuditSourceIdentification": ({"AuditSourceID"}, {"AuditEnterpriseSiteID"}),
    "AuditSourceTypeCode": ({"csd-code"}, {"codeSystemName", "originalText", "displayName"}),
    "ParticipantObjectIdentification": (
        {"ParticipantObjectID"},
        {
            "ParticipantObjectTypeCode",
            "ParticipantObjectTypeCodeRole",
            "ParticipantObjectDataLifeCycle",
            "ParticipantObjectSensitivity",
        },
    ),
    "ParticipantObjectIDTypeCode": CODED,
    "ParticipantObjectName": (set(), set()),
    "ParticipantObjectDetail": ({"type", "value"}, set()),
}
"""Attributes that must and that may stand on each element (PS3.15 A.5.1.1)."""

CHILDREN: Mapping[str, str] = {
    "AuditMessage": r"EventIdentification (ActiveParticipant )+AuditSourceIdentification "
    r"(ParticipantObjectIdentification )*",
    "EventIdentification": r"EventID (EventTypeCode )*(EventOutcomeDescription )?",
    "ActiveParticipant": r"(RoleIDCode )*(MediaIdentifier )?",
    "AuditSourceIdentification": r"(AuditSourceTypeCode )*",
    "ParticipantObjectIdentification": r"ParticipantObjectIDTypeCode "
    r"(ParticipantObjectName |ParticipantObjectQuery )(ParticipantObjectDetail )*",
}
"""Order of the children of each element as a pattern; elements that are not named have none."""


def check(element: ET.Element) -> None:
    """Raise unless an element is as the schema has it."""
    must, may = ATTRIBUTES[element.tag]
    assert must <= set(element.keys()) <= must | may, element.tag
    children = "".join(f"{child.tag} " for child in element)
    assert re.fullmatch(CHILDREN.get(element.tag, ""), children), (element.tag, children)
    for child in element:
        check(child)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> tuple[AuditRecord, ...]:
    path = tmp_path_factory.mktemp("messages") / "lvp.sqlite"
    with closing(Database(sqlite_url(path))) as database:
        trail = AuditTrail(database)
        for event in [*EVENTS, "unknown"]:
            detail = {} if event == "start" else {"study": "1.2.3", "reading": "r1", "edit": "<&> Ä"}
            trail.append("2026-01-01T00:00:00Z", "reader Ä <A>", event, detail)
        return trail.records()


def test_every_record_becomes_a_message_of_the_schema(records: tuple[AuditRecord, ...]) -> None:
    messages = to_messages(records, "workstation 1")
    assert len(messages) == len(records) == len(EVENTS) + 2
    for message in messages:
        root = ET.fromstring(message)
        check(root)
        event = root[0]
        assert event.get("EventActionCode") in "CRUDE"
        assert event.get("EventOutcomeIndicator") in ("0", "4", "8", "12")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event.get("EventDateTime", ""))
        assert event[0].get("codeSystemName") == "DCM"


def test_who_what_and_which_edit_can_be_read_back(records: tuple[AuditRecord, ...]) -> None:
    number, record = next((n, r) for n, r in enumerate(records) if r.event == "edit")
    root = ET.fromstring(to_messages(records, "workstation 1")[number])
    participant = root.find("ActiveParticipant")
    assert participant is not None
    assert participant.get("UserID") == "reader Ä <A>"
    objects = root.findall("ParticipantObjectIdentification")
    assert [each.get("ParticipantObjectID") for each in objects] == ["1.2.3", "r1"]
    details = {
        each.get("type"): base64.b64decode(each.get("value", "")).decode()
        for each in root.iter("ParticipantObjectDetail")
    }
    assert details == {"edit": "<&> Ä", "audit_record": f"{record.chain}/{record.number}"}
