"""What a user may choose about the program, from the menu."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lvp_workstation.app import context
from lvp_workstation.services.analysis import Analysis
from tests.app.conftest import Opener


def test_grades_from_axial_images_are_switched_on_and_off(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_axial(analysis: Analysis) -> Analysis:
        return replace(analysis, further=())

    monkeypatch.setattr(context, "with_axial", with_axial)
    window = open_window()
    analysis = window.screen_state.analysis
    assert window.context.for_readings(analysis) is analysis
    window._actions["settings.axial"].trigger()
    assert "not validated on patients" in window.status.message
    assert window.context.for_readings(analysis) is not analysis
    window._actions["settings.axial"].trigger()
    assert window.context.for_readings(analysis) is analysis
