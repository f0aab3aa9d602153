"""Accounts in the database: who may sign in, and how often somebody failed to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.people import Person, PersonRole
from lvp_workstation.domain.reading import ReadingMode, RevealBy
from lvp_workstation.store import schema
from lvp_workstation.store.audit import append_audit
from lvp_workstation.store.database import Database


@dataclass(frozen=True)
class Account:
    """A person with the hash of the password, and the failures since the last success."""

    person: Person
    password_hash: str
    failures: int
    failed_utc: str


class Accounts:
    """The accounts of one database; every change is in the audit trail."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def any(self) -> bool:
        """Whether there is an account at all: without one nobody has to sign in."""
        with self._database.reading() as connection:
            return bool(connection.execute(select(func.count()).select_from(schema.accounts)).scalar_one())

    def all(self) -> tuple[Person, ...]:
        """Return everybody with an account, by login name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(schema.accounts).order_by(schema.accounts.c.login)).all()
        return tuple(_person(row) for row in rows)

    def find(self, login: str) -> Account | None:
        """Return an account, None when there is none of that name."""
        table = schema.accounts
        with self._database.reading() as connection:
            row = connection.execute(select(table).where(table.c.login == login)).one_or_none()
        if row is None:
            return None
        return Account(_person(row), row.password_hash, row.failures, row.failed_utc)

    def add(self, person: Person, password_hash: str, who: str, time_utc: str) -> None:
        """Keep a new account.

        Raises
        ------
        UsageProblem
            When the login name is taken.
        """
        with self._database.transaction() as connection:
            table = schema.accounts
            if connection.execute(select(table.c.login).where(table.c.login == person.login)).first():
                raise UsageProblem(f"The login name {person.login} is taken.")
            connection.execute(
                insert(table).values(
                    login=person.login,
                    password_hash=password_hash,
                    failures=0,
                    failed_utc="",
                    created_utc=time_utc,
                    **_columns(person),
                )
            )
            self._audited(connection, "account_created", person, who, time_utc)

    def change(self, person: Person, password_hash: str | None, who: str, time_utc: str) -> None:
        """Keep what was changed of an account; None keeps its password.

        Raises
        ------
        UsageProblem
            When nobody would be left who may look after accounts.
        """
        table = schema.accounts
        values = _columns(person)
        if password_hash is not None:
            values |= {"password_hash": password_hash, "failures": 0}
        with self._database.transaction() as connection:
            connection.execute(update(table).where(table.c.login == person.login).values(**values))
            left = select(func.count()).select_from(table)
            admins = left.where(table.c.role == PersonRole.ADMINISTRATOR.value, table.c.disabled == 0)
            if not connection.execute(admins).scalar_one():
                raise UsageProblem("One administrator has to stay: nobody could look after accounts else.")
            self._audited(connection, "account_changed", person, who, time_utc)

    def tried(self, login: str, failures: int, who: str, event: str, time_utc: str) -> None:
        """Note an attempt to sign in and how many failed since the last success."""
        table = schema.accounts
        failed = {"failed_utc": time_utc} if failures else {}
        with self._database.transaction() as connection:
            connection.execute(
                update(table).where(table.c.login == login).values(failures=failures, **failed)
            )
            append_audit(connection, time_utc, who, event, {"login": login})

    def _audited(self, connection: Connection, event: str, person: Person, who: str, time_utc: str) -> None:
        detail = {"login": person.login, "role": person.role.value, "disabled": str(int(person.disabled))}
        append_audit(connection, time_utc, who, event, detail)


def _columns(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "role": person.role.value,
        "mode": person.mode.value if person.mode else "",
        "reveal_by": person.reveal_by.value if person.reveal_by else "",
        "disabled": int(person.disabled),
    }


def _person(row: Any) -> Person:
    return Person(
        row.login,
        row.name,
        PersonRole(row.role),
        ReadingMode(row.mode) if row.mode else None,
        RevealBy(row.reveal_by) if row.reveal_by else None,
        bool(row.disabled),
    )
