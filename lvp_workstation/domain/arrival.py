"""A slice as it arrives from a scanner, whichever way it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.errors import EnvironmentProblem
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.study import Patient


class SliceRefused(EnvironmentProblem):
    """A slice was not taken; the message tells why."""


@dataclass(frozen=True, eq=False)
class ReceivedSlice:
    """One image of a series that is being scanned.

    Attributes
    ----------
    series
        What the sender calls the series; slices with the same name belong together.
    uid
        SOPInstanceUID, or what names the slice in the sender's protocol: a second one is a duplicate.
    pixels
        Shape (rows, columns), stored values.
    position
        Centre of pixel (0, 0), LPS mm.
    across, down
        Unit LPS directions in which the column index and the row index grow.
    pixel_mm
        Distance between rows, distance between columns.
    thickness_mm
        Of the slice; 0 when not told.
    expected
        Slices of the series as announced; 0 when not told.
    attributes
        DICOM keyword to value: TR, TE, TI, weighting and what else is known.
    received
        Monotonic seconds at which the last byte arrived.
    """

    series: str
    uid: str
    pixels: NDArray[Any]
    position: Array
    across: Array
    down: Array
    pixel_mm: tuple[float, float]
    received: float
    thickness_mm: float = 0.0
    expected: int = 0
    number: int = 0
    description: str = ""
    study_uid: str = ""
    frame_of_reference_uid: str = ""
    patient: Patient = field(default_factory=lambda: Patient(""))
    attributes: Mapping[str, Any] = field(default_factory=dict)
    synthetic: bool = False

    @property
    def normal(self) -> Array:
        """Direction across x down."""
        return np.cross(self.across, self.down)

    @property
    def depth_mm(self) -> float:
        """Place along the normal."""
        return float(self.normal @ self.position)


class Intake(Protocol):
    """Where receivers hand in what arrives; safe to call from several threads."""

    def take(self, key: str, one: ReceivedSlice) -> bool:
        """Keep a slice of the examination ``key``; return False for a duplicate.

        Raises
        ------
        SliceRefused
            When it cannot be kept.
        """

    def close(self, key: str, series: list[str] | None = None, gone: bool = False) -> None:
        """Note that no more slices come: of these series, or of all; ``gone`` when the sender vanished."""

    def note(self, code: str, text: str) -> None:
        """Tell of trouble with a sender in a sentence; see `services.acquisition.room.Event` for codes."""
