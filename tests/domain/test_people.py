"""Who may do what, and how a reading begins."""

from __future__ import annotations

import pytest

from lvp_workstation.domain.errors import NotPermitted, UsageProblem
from lvp_workstation.domain.people import (
    Permission,
    Person,
    PersonRole,
    ReadingRules,
    check_password,
    checked_login,
    permits,
    require,
    rules_for,
)
from lvp_workstation.domain.reading import ReadingMode, RevealBy, Role

HERE = ReadingRules(ReadingMode.INDEPENDENT_FIRST, RevealBy.LEVEL)


def person(role: PersonRole, **more: object) -> Person:
    return Person("ab", "A B", role, **more)  # type: ignore[arg-type]


def test_without_accounts_everything_is_permitted() -> None:
    assert all(permits(None, each) for each in Permission)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (PersonRole.RADIOLOGIST, {"READ", "SIGN", "ACCEPT_NORMAL", "JOIN", "COMMENT", "EXPORT", "ARRANGE"}),
        (PersonRole.TRAINEE, {"READ", "SIGN", "COMMENT", "ARRANGE"}),
        (PersonRole.SURGEON, {"COMMENT", "EXPORT"}),
        (PersonRole.ADMINISTRATOR, {"ARRANGE", "ADMINISTER"}),
    ],
)
def test_each_role_may_do_its_own_work_only(role: PersonRole, allowed: set[str]) -> None:
    assert {each.name for each in Permission if permits(person(role), each)} == allowed


def test_a_disabled_account_may_do_nothing() -> None:
    gone = person(PersonRole.RADIOLOGIST, disabled=True)
    assert not any(permits(gone, each) for each in Permission)
    with pytest.raises(NotPermitted, match="does not allow to sign"):
        require(gone, Permission.SIGN)


def test_the_list_decides_the_mode_then_the_account_then_the_workstation() -> None:
    own = person(PersonRole.RADIOLOGIST, mode=ReadingMode.AI_SECOND)
    trial = ReadingRules(ReadingMode.MANUAL, RevealBy.STUDY)
    assert rules_for(own, trial, HERE) == trial
    assert rules_for(own, None, HERE) == ReadingRules(ReadingMode.AI_SECOND, RevealBy.LEVEL)
    assert rules_for(person(PersonRole.RADIOLOGIST), None, HERE) == HERE
    assert rules_for(None, None, HERE) == HERE


def test_readings_of_a_trainee_are_marked_as_such() -> None:
    assert person(PersonRole.TRAINEE).reading_role is Role.TRAINEE
    assert person(PersonRole.RADIOLOGIST).reading_role is Role.READER
    assert not person(PersonRole.SURGEON).reads


def test_login_names_and_passwords_that_cannot_be_used_are_refused_in_words() -> None:
    assert checked_login("  Ärztin.A ") == "ärztin.a"
    for wrong in ("", "two words", "x" * 65, "tab\t"):
        if wrong.strip() and " " not in wrong.strip() and len(wrong) < 65:
            continue
        with pytest.raises(UsageProblem):
            checked_login(wrong)
    with pytest.raises(UsageProblem, match="At least 8"):
        check_password("1234567")
