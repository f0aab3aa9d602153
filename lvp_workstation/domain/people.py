"""Who may do what: roles of people, and what each of them is permitted.

Without accounts one person uses the program and everything is permitted. With them every act is checked
against the role of whoever signed in; `require` is called where the act is done, not where it is offered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from lvp_workstation.domain.errors import NotPermitted, UsageProblem
from lvp_workstation.domain.reading import ReadingMode, RevealBy, Role

SHORTEST_PASSWORD = 8
"""Characters (NIST SP 800-63B, 5.1.1.1: at least 8, no rules of composition)."""


class PersonRole(StrEnum):
    """What somebody is at this workplace."""

    RADIOLOGIST = "radiologist"
    SURGEON = "surgeon"
    TRAINEE = "trainee"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What can be permitted; the value completes "Your role does not allow to …"."""

    READ = "change a reading"
    SIGN = "sign or release a reading"
    ACCEPT_NORMAL = "accept normal levels in bulk"
    JOIN = "decide between readings"
    COMMENT = "comment on a study"
    EXPORT = "export a reading"
    ARRANGE = "arrange the worklist"
    ADMINISTER = "look after accounts, lists and encryption"


_P = Permission
PERMITTED: Mapping[PersonRole, frozenset[Permission]] = MappingProxyType(
    {
        PersonRole.RADIOLOGIST: frozenset(_P) - {_P.ADMINISTER},
        PersonRole.TRAINEE: frozenset({_P.READ, _P.SIGN, _P.COMMENT, _P.ARRANGE}),
        PersonRole.SURGEON: frozenset({_P.COMMENT, _P.EXPORT}),
        PersonRole.ADMINISTRATOR: frozenset({_P.ARRANGE, _P.ADMINISTER}),
    }
)
"""Everybody may look at images and at signed readings. A trainee signs readings of the trainee's own, which
stay marked as such. Who looks after accounts reads nothing under them (our choice: separated duties)."""


@dataclass(frozen=True)
class Person:
    """Somebody with an account; ``mode`` and ``reveal_by`` are how that person reads, None as set here."""

    login: str
    name: str
    role: PersonRole
    mode: ReadingMode | None = None
    reveal_by: RevealBy | None = None
    disabled: bool = False

    @property
    def reading_role(self) -> Role:
        """In which capacity that person's readings are kept."""
        return Role.TRAINEE if self.role is PersonRole.TRAINEE else Role.READER

    @property
    def reads(self) -> bool:
        """Whether that person has readings of one's own."""
        return permits(self, Permission.READ)


@dataclass(frozen=True)
class ReadingRules:
    """In which mode a new reading begins, and what it reveals together."""

    mode: ReadingMode
    reveal_by: RevealBy


def permits(person: Person | None, permission: Permission) -> bool:
    """Return whether somebody may do something; without accounts (None) everything is permitted."""
    return person is None or (not person.disabled and permission in PERMITTED[person.role])


def require(person: Person | None, permission: Permission) -> None:
    """Raise `NotPermitted` unless somebody may do something."""
    if not permits(person, permission):
        role = person.role.value if person else ""
        raise NotPermitted(f"The role {role} does not allow to {permission.value}. Nothing was changed.")


def permission_for(kind: str) -> Permission:
    """Return what an edit of a kind needs to be permitted."""
    return _OF_EDIT.get(kind, Permission.READ)


_OF_EDIT = {
    "sign": Permission.SIGN,
    "preliminary": Permission.SIGN,
    "accept_normal": Permission.ACCEPT_NORMAL,
}


def rules_for(person: Person | None, of_list: ReadingRules | None, here: ReadingRules) -> ReadingRules:
    """Return how a new reading begins: as the worklist says, else as its reader's account, else as here."""
    if of_list is not None:
        return of_list
    if person is None:
        return here
    return ReadingRules(person.mode or here.mode, person.reveal_by or here.reveal_by)


def checked_login(text: str) -> str:
    """Return a login name as it is kept: without blanks at its ends, in small letters.

    Raises
    ------
    UsageProblem
        When it is empty, too long or holds blanks.
    """
    login = text.strip().casefold()
    if not login or len(login) > 64 or any(c.isspace() or not c.isprintable() for c in login):
        raise UsageProblem("A login name has 1 to 64 characters and no blanks.")
    return login


def check_password(password: str) -> None:
    """Raise `UsageProblem` when a password or passphrase is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise UsageProblem(f"At least {SHORTEST_PASSWORD} characters are needed.")
