"""Handlers of hanging protocols: choose, step through the stages, another grid, save the layout."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QDialog, QInputDialog

from lvp_workstation.app.dialogs.hanging import HangingDialog, SaveLayoutDialog
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.study import Series
from lvp_workstation.viewer.hanging import MOST_ROWS, HangingPlan, HangingProtocol, choose_plan
from lvp_workstation.viewer.hanging_files import write_protocol
from lvp_workstation.viewer.hanging_saved import ShownCell, protocol_of_layout
from lvp_workstation.viewer.language import tr


class HangingActions(WindowParts):
    """What hangs where."""

    _hung_by: str = ""
    """Id of the protocol on screen."""
    _stage: int = 0

    def plan_for_study(self) -> HangingPlan:
        """Return how the study on screen is hung when it is opened."""
        prior = self._prior_stacks()
        preferred = "" if prior else self.context.settings.hanging
        plan = choose_plan(self._protocols(), self._stacks(), prior=prior, preferred=preferred)
        self._hung_by, self._stage = plan.protocol, 0
        return plan

    def hanging_state(self) -> dict[str, Any]:
        """Return protocol and stage, or the grid that the reader chose instead."""
        layout = self.viewports.layout_now
        grid = [] if self._hung_by else [layout.rows, layout.columns]
        return {"hanging": self._hung_by, "stage": self._stage, "grid": grid}

    def restore_hanging(self, kept: dict[str, Any]) -> None:
        """Arrange the viewports as they were left; what is unknown now leaves them as they are."""
        wanted, stage = kept.get("hanging", self._hung_by), int(kept.get("stage", 0))
        protocol = next((p for p in self._protocols() if p.protocol_id == wanted), None)
        plan = protocol.plan(self._stacks(), stage=stage) if protocol is not None else None
        grid = kept.get("grid")
        if plan is not None and (wanted, stage) != (self._hung_by, self._stage):
            self.viewports.apply_plan(plan, self.studies.series)
            self._hung_by, self._stage = wanted, stage
        elif grid and not wanted:
            self.viewports.set_regular_grid(int(grid[0]), int(grid[1]))
            self._hung_by, self._stage = "", 0

    def choose_hanging(self) -> None:
        """Ask for the hanging protocol."""
        protocols, stacks = self._protocols(), self._stacks()
        dialog = HangingDialog(
            protocols,
            self._hung_by,
            self.context.settings.hanging,
            lambda protocol: protocol.plan(stacks, self._prior_stacks()) is not None,
            self._delete_layout,
            self._widget(),
        )
        if dialog.exec() != QDialog.DialogCode.Accepted or not dialog.chosen:
            return
        settings = self.context.settings
        preferred = dialog.chosen if dialog.first.isChecked() else settings.hanging
        if not dialog.first.isChecked() and preferred == dialog.chosen:
            preferred = ""
        if preferred != settings.hanging:
            settings.hanging = preferred
            self.save_settings()
        self.hang_by(dialog.chosen)

    def hang_by(self, protocol_id: str, stage: int = 0) -> None:
        """Hang the study by a protocol, at one of its stages."""
        protocol = next((p for p in self._protocols() if p.protocol_id == protocol_id), None)
        plan = protocol.plan(self._stacks(), self._prior_stacks(), stage) if protocol is not None else None
        if protocol is None or plan is None:
            self.status.warn(tr("This protocol does not fit the study."))
            return
        level = self.rail.current
        self.viewports.apply_plan(plan, {**self.studies.series, **self.priors.series})
        self._hung_by, self._stage = protocol_id, stage % len(protocol.stages)
        if level:
            self.screen_state.go_to_level(level)
        self.status.say(self._stage_words(protocol))
        self.keeper.touch()

    def _stage_words(self, protocol: HangingProtocol) -> str:
        title = protocol.title if protocol.own else tr(protocol.title)
        count, stage = len(protocol.stages), protocol.stages[self._stage]
        if count == 1:
            return title
        name = f"{self._stage + 1}/{count} {tr(stage.title) if stage.title else ''}".strip()
        return tr("{protocol}: stage {stage}", protocol=title, stage=name)

    def next_stage(self) -> None:
        """Go to the next stage of the hanging protocol."""
        self._step_stage(1)

    def previous_stage(self) -> None:
        """Go to the stage before."""
        self._step_stage(-1)

    def _step_stage(self, step: int) -> None:
        protocol = next((p for p in self._protocols() if p.protocol_id == self._hung_by), None)
        if protocol is None or len(protocol.stages) < 2:
            self.status.warn(tr("This layout has one stage only."))
        else:
            self.hang_by(self._hung_by, self._stage + step)

    def choose_grid(self) -> None:
        """Ask for rows and columns of equal viewports; free ones are filled with series not yet shown."""
        sizes = [(rows, columns) for rows in range(1, MOST_ROWS + 1) for columns in range(1, MOST_ROWS + 1)]
        names = [f"{rows} × {columns}" for rows, columns in sizes]
        now = self.viewports.layout_now
        current = sizes.index((now.rows, now.columns)) if (now.rows, now.columns) in sizes else 0
        name, ok = QInputDialog.getItem(
            self._widget(), tr("Grid of viewports"), tr("Rows × columns:"), names, current, False
        )
        if not ok:
            return
        self.viewports.set_regular_grid(*sizes[names.index(name)])
        self._hung_by, self._stage = "", 0
        self._fill_free()
        self.keeper.touch()

    def _fill_free(self) -> None:
        """Hang series that are not shown yet in empty viewports; blocks of one series share one."""
        shown = {v.series.series.series_instance_uid for v in self.viewports.viewports if v.series}
        waiting = [s for s in self.studies.series.values() if s.series.series_instance_uid not in shown]
        for viewport in self.viewports.viewports:
            if viewport.series is None and waiting:
                viewport.set_series(waiting[0])
                uid = waiting[0].series.series_instance_uid
                waiting = [s for s in waiting if s.series.series_instance_uid != uid]

    def save_hanging(self) -> None:
        """Save what is on screen as a hanging protocol of the user."""
        own = self.studies.series
        cells = [
            ShownCell(v.series.series, v.reformat, prior=v.series.key not in own)
            if v.series is not None
            else ShownCell(None)
            for v in self.viewports.viewports
        ]
        dialog = SaveLayoutDialog(cells, self._widget())
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return
        layout, known = self.viewports.layout_now, [p.protocol_id for p in self._protocols()]
        protocol = protocol_of_layout(
            dialog.title, layout, dialog.cells(), known, dialog.automatic.isChecked()
        )
        try:
            path = write_protocol(protocol, self.context.own_protocols)
        except UsageProblem as problem:
            self.status.warn(str(problem))
            return
        self._hung_by, self._stage = protocol.protocol_id, 0
        self.status.say(tr("The layout is kept: {path}", path=path))

    def _delete_layout(self, protocol_id: str) -> None:
        path = self.context.own_protocols / f"{protocol_id}.json"
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self.status.warn(tr("{path} cannot be deleted: {why}.", path=path, why=error.strerror))

    def _protocols(self) -> tuple[HangingProtocol, ...]:
        return self.context.protocols(self.status.warn)

    def _stacks(self) -> list[Series]:
        return [shown.series for shown in self.studies.series.values()]

    def _prior_stacks(self) -> list[Series]:
        return [shown.series for shown in self.priors.series.values()]
