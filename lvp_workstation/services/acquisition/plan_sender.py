"""Stores planes at a DICOM node: one thread, the newest plan of each examination, and nobody waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from lvp_workstation import __version__
from lvp_workstation.domain.arrival import ReceivedSlice
from lvp_workstation.domain.errors import EnvironmentProblem
from lvp_workstation.io.dicom_send import Destination, send_objects
from lvp_workstation.io.plan_fiducials import PlanContext
from lvp_workstation.io.wire import Note

STOP_S = 5.0
"""A node that does not answer is not waited for longer at the end (our choice)."""


class PlanSender:
    """Sends plans in the background.

    A node that does not answer holds one thread and one plan an examination, however many series come:
    a thread for each would hold the images of each.

    Parameters
    ----------
    note
        Told of plans that could not be sent.
    """

    def __init__(self, destination: Destination, note: Note) -> None:
        self._destination, self._note = destination, note
        self._waiting: dict[str, Callable[[], Any]] = {}
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="lvp-plan-out", daemon=True)
        self._thread.start()

    def send(self, key: str, make: Callable[[], Any]) -> None:
        """Send the object that ``make`` returns, in place of one of the same examination that still waits."""
        with self._changed:
            self._waiting[key] = make
            self._changed.notify_all()

    def stop(self) -> None:
        """Send nothing more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(STOP_S)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._waiting)
                if self._stopped:
                    return
                make = self._waiting.pop(next(iter(self._waiting)))
            try:
                send_objects(self._destination, [make()])
            except EnvironmentProblem as error:
                self._note("broken", f"The plan was not sent: {error}")


def plan_context(first: ReceivedSlice, verdict: str) -> PlanContext:
    """Return whose plan it is, from any slice of the series."""
    return PlanContext(
        first.patient,
        first.study_uid,
        first.frame_of_reference_uid,
        datetime.now(),
        __version__,
        first.synthetic,
        f"Last series: {verdict}",
    )
