"""Accounts: who may sign in, in which role, and how a wrong password is met."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from lvp_workstation.domain.errors import NotPermitted, UsageProblem
from lvp_workstation.domain.people import (
    Permission,
    Person,
    PersonRole,
    check_password,
    checked_login,
    require,
)
from lvp_workstation.store.accounts import Account, Accounts
from lvp_workstation.store.database import Database
from lvp_workstation.store.passwords import fits, hashed

FREE_FAILURES = 5
LONGEST_WAIT_S = 900.0
"""After so many failures in a row each further one doubles the wait, beginning with a second, up to this
(our choice; NIST SP 800-63B 5.2.2 asks for a limit)."""
REFUSED = "Name or password do not fit."
"""One sentence for both, so that nobody learns which names there are."""


@cache
def _nobody() -> str:
    """Return the hash that is compared with where there is no account, so that an answer takes as long."""
    return hashed("nobody has this password")


class People:
    """Signs people in and looks after accounts; every call belongs on the database worker."""

    def __init__(self, database: Database, clock: Callable[[], str]) -> None:
        self._accounts = Accounts(database)
        self._clock = clock

    def needed(self) -> bool:
        """Whether somebody has to sign in: there is an account."""
        return self._accounts.any()

    def all(self, by: Person | None) -> tuple[Person, ...]:
        """Return everybody with an account."""
        require(by, Permission.ADMINISTER)
        return self._accounts.all()

    def begin(self, login: str, name: str, password: str) -> Person:
        """Make the first account, an administrator's; from now on everybody has to sign in.

        Raises
        ------
        NotPermitted
            When there are accounts already.
        UsageProblem
            When name or password cannot be used.
        """
        if self.needed():
            raise NotPermitted("There are accounts already; an administrator adds further ones.")
        return self._add(login, name, password, PersonRole.ADMINISTRATOR, "first account")

    def add(self, by: Person | None, login: str, name: str, password: str, role: PersonRole) -> Person:
        """Make an account."""
        if by is None:
            raise NotPermitted("Only an administrator who signed in adds accounts.")
        require(by, Permission.ADMINISTER)
        return self._add(login, name, password, role, by.login)

    def _add(self, login: str, name: str, password: str, role: PersonRole, who: str) -> Person:
        check_password(password)
        if not name.strip():
            raise UsageProblem("A name is needed; it stands under what this person signs.")
        person = Person(checked_login(login), name.strip(), role)
        self._accounts.add(person, hashed(password), who, self._clock())
        return person

    def change(self, by: Person | None, person: Person, password: str | None = None) -> Person:
        """Change an account or its password, or disable it; one's own password is one's own affair."""
        known = self._accounts.find(person.login)
        if by is None or known is None:
            raise UsageProblem(f"There is no account {person.login}.")
        if not (by.login == person.login and known.person == person):
            require(by, Permission.ADMINISTER)
        if password is not None:
            check_password(password)
        secret = hashed(password) if password is not None else None
        self._accounts.change(person, secret, by.login, self._clock())
        return person

    def sign_in(self, login: str, password: str, event: str = "login") -> Person:
        """Return who a name and a password belong to; also unlocks.

        Raises
        ------
        NotPermitted
            When they do not fit, the account is disabled, or too many attempts failed just before.
        """
        name = login.strip().casefold()
        account = self._accounts.find(name)
        if account is None:
            fits(password, _nobody())
            self._accounts.tried(name, 0, "", "login_failed", self._clock())
            raise NotPermitted(REFUSED)
        self._require_patience(account)
        if not fits(password, account.password_hash) or account.person.disabled:
            failures = account.failures + 1
            self._accounts.tried(name, failures, name, "login_failed", self._clock())
            raise NotPermitted(REFUSED)
        self._accounts.tried(name, 0, name, event, self._clock())
        return account.person

    def _require_patience(self, account: Account) -> None:
        excess = account.failures - FREE_FAILURES
        if excess < 0 or not account.failed_utc:
            return
        wait = timedelta(seconds=min(2.0**excess, LONGEST_WAIT_S))
        left = datetime.fromisoformat(account.failed_utc) + wait - datetime.fromisoformat(self._clock())
        if timedelta(0) < left <= wait:
            seconds = max(1, round(left.total_seconds()))
            raise NotPermitted(f"Too many attempts failed; try again in {seconds} s.")

    def note(self, person: Person, event: str) -> None:
        """Note in the audit trail that somebody signed out or locked the screen."""
        self._accounts.tried(person.login, 0, person.login, event, self._clock())
