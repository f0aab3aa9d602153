"""Whatever a sender does, it is told, what came is judged, and the door works on."""

from __future__ import annotations

import pytest

from tests.services.acquisition.scanner_faults import FAULTS, Fault, run_fault


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # pynetdicom drops sockets of refused senders
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_told_and_the_door_works_on(fault: Fault) -> None:
    record = run_fault(fault)
    assert set(fault.codes) <= record.codes
    assert record.judged == fault.judged
    assert record.works
    trouble = record.codes - {"judged", "preview"}
    assert trouble == set(fault.codes)  # nobody is troubled without a reason
