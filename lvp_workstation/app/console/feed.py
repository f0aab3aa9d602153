"""Brings news of the receivers to the thread of the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from lvp_workstation.domain.geometry import Array
from lvp_workstation.planning.stack import PlannedStack
from lvp_workstation.render.convert import display_array
from lvp_workstation.services.acquisition.news import Judged, Told
from lvp_workstation.viewer.label_layer import LabelLayer


class Receivers(Protocol):
    """What the console needs of the receivers; see `gateway_process.GatewayProcess`."""

    def release(self, key: str, series: str, stacks: tuple[PlannedStack, ...]) -> None:
        """Send stacks to the scanner."""

    def stop(self) -> None:
        """Shut the doors."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A verdict with what its picture needs, made outside the thread of the window.

    Attributes
    ----------
    pixels
        The volume as it is displayed.
    bones
        Name and middle of each vertebra, LPS mm.
    """

    news: Judged
    pixels: NDArray[Any]
    bones: tuple[tuple[str, Array], ...]


class ConsoleFeed(QObject):
    """Starts the receivers and tells their news on the thread it lives in."""

    told = Signal(object)

    def __init__(self, start: Callable[[Told], Receivers], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.gateway = start(self._take)

    def _take(self, news: Any) -> None:
        self.told.emit(prepared(news) if isinstance(news, Judged) else news)


def prepared(news: Judged) -> Prepared:
    """Return a verdict with its picture."""
    outcome = news.outcome
    bones: list[tuple[str, Array]] = []
    if outcome.found is not None:
        layer = LabelLayer.build(outcome.found.labels, outcome.found.levels)
        bones = [
            (layer.names[a.instance], np.array(a.middle))
            for a in layer.anchors
            if not a.is_disc and a.instance in layer.names
        ]
    return Prepared(news, display_array(outcome.stack.volume.array), tuple(bones))
