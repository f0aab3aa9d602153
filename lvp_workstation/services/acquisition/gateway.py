"""All three ways in, one way through: receivers, the room, and the answers back to who sent."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from lvp_workstation.domain.errors import EnvironmentProblem
from lvp_workstation.io.dicom_receiver import DicomReceiver, ReceiverSettings
from lvp_workstation.io.dicom_send import Destination
from lvp_workstation.io.igtl_link import PORT as IGTL_PORT
from lvp_workstation.io.igtl_link import IgtlServer
from lvp_workstation.io.mrd_server import PORT as MRD_PORT
from lvp_workstation.io.mrd_server import MrdServer
from lvp_workstation.io.plan_fiducials import plan_fiducials
from lvp_workstation.io.wire import WireLimits
from lvp_workstation.planning.stack import PlannedStack
from lvp_workstation.services.acquisition.answers import annotated_image, outcome_text, poses
from lvp_workstation.services.acquisition.examination import Limits
from lvp_workstation.services.acquisition.outcome import SeriesOutcome
from lvp_workstation.services.acquisition.plan_sender import PlanSender, plan_context
from lvp_workstation.services.acquisition.room import AcquisitionRoom, Judge, Watcher


@dataclass(frozen=True)
class GatewaySettings:
    """Which doors are open; a port of None keeps one shut, 0 takes any free port.

    Attributes
    ----------
    dicom
        Settings of the Storage SCP, None: shut.
    plan_to
        Where plans go as Spatial Fiducials; None: nowhere.
    hold
        Planes wait until a person releases them; a series without planes is answered at once.
    """

    host: str = "127.0.0.1"
    dicom: ReceiverSettings | None = field(default_factory=ReceiverSettings)
    mrd_port: int | None = MRD_PORT
    igtl_port: int | None = IGTL_PORT
    plan_to: Destination | None = None
    wire: WireLimits = field(default_factory=WireLimits)
    hold: bool = False
    limits: Limits = field(default_factory=Limits)


class Gateway:
    """Opens the doors and answers every series to its sender.

    Parameters
    ----------
    judge
        Plans and checks.
    heard
        Called with every outcome after it was answered, or is held to be released, such as by a screen.
    watcher
        Follows slices and events of senders.

    Raises
    ------
    EnvironmentProblem
        When a port cannot be opened; the others are shut again.
    """

    def __init__(
        self,
        judge: Judge,
        settings: GatewaySettings,
        heard: Callable[[SeriesOutcome], None] | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self._judge = judge
        self._settings = settings
        self._heard = heard
        self._numbers = itertools.count(1)
        self._held: dict[tuple[str, str], SeriesOutcome] = {}
        with ExitStack() as undo:
            self.room = AcquisitionRoom(judge, settings.limits, watcher)
            undo.callback(self.room.stop)
            self.dicom = self._open_dicom(undo)
            self.mrd = self._open(undo, MrdServer, settings.mrd_port)
            self.igtl = self._open(undo, IgtlServer, settings.igtl_port)
            self._plans = self._open_plans(undo)
            self.room.listen("gateway", self._judged)
            self._undo = undo.pop_all()

    @property
    def doors(self) -> tuple[tuple[str, int], ...]:
        """Name and port of every open door."""
        known = (("DICOM", self.dicom), ("MRD", self.mrd), ("OpenIGTLink", self.igtl))
        return tuple((name, door.port) for name, door in known if door is not None)

    def stop(self) -> None:
        """Shut all doors and end the worker."""
        self._undo.close()

    def _open_dicom(self, undo: ExitStack) -> DicomReceiver | None:
        if self._settings.dicom is None:
            return None
        receiver = DicomReceiver(self.room, self._settings.dicom)
        undo.callback(receiver.stop)
        return receiver

    def _open_plans(self, undo: ExitStack) -> PlanSender | None:
        if self._settings.plan_to is None:
            return None
        sender = PlanSender(self._settings.plan_to, self.room.note)
        undo.callback(sender.stop)
        return sender

    def _open(self, undo: ExitStack, kind: Any, port: int | None) -> Any:
        if port is None:
            return None
        try:
            server = kind(self.room, self._settings.host, port, self._settings.wire)
        except OSError as error:
            raise EnvironmentProblem(f"The port {port} cannot be opened: {error.strerror}.") from error
        undo.callback(server.stop)
        return server

    def release(self, key: str, series: str, stacks: Sequence[PlannedStack]) -> bool:
        """Answer a held series with the stacks that a person settled on; False when it is not held."""
        outcome = self._held.pop((key, series), None)
        if outcome is None or outcome.found is None:
            return False
        found = replace(outcome.found, plan=replace(outcome.found.plan, stacks=tuple(stacks)))
        self._judge.settle(key, found.plan)
        self._answer(replace(outcome, found=found, plan=found.plan))
        return True

    def _judged(self, outcome: SeriesOutcome) -> None:
        """Answer an outcome, or hold it when a person has to look at its planes first."""
        if self._settings.hold and outcome.found is not None:
            for key, series in [name for name in self._held if name[0] == outcome.key]:
                older = self._held.pop((key, series))
                self._answer(replace(older, found=None, plan=None))  # newer planes replace those
            self._held[outcome.key, outcome.series] = outcome
        else:
            self._answer(outcome)
        if self._heard is not None:
            self._heard(outcome)

    def _answer(self, outcome: SeriesOutcome) -> None:
        """Send an outcome back over the door that its slices came through."""
        way, delivered = outcome.key.partition(":")[0], True
        if way == "mrd":
            image = annotated_image(outcome)
            images = () if image is None else (image,)
            delivered = self.mrd.answer(outcome.key, outcome.series, outcome_text(outcome), images)
        elif way == "igtl":
            planes = {} if outcome.found is None else poses(outcome.found.plan)
            delivered = self.igtl.answer(outcome.key, planes, outcome_text(outcome))
        elif way == "dicom" and outcome.plan is not None and self._plans is not None:
            context = plan_context(outcome.stack.slices[0], outcome.quality.verdict.value)
            number = next(self._numbers)
            self._plans.send(outcome.key, partial(plan_fiducials, outcome.plan.stacks, context, number))
        if not delivered:
            name = outcome.stack.series.description or outcome.series
            self.room.note("gone", f"{name}: the sender is gone, the answer was not delivered.")
