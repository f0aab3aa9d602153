"""Handlers of the comparison with an earlier examination."""

from __future__ import annotations

from lvp_workstation.app.dialogs.prior_table import PriorTable
from lvp_workstation.app.prior_controller import PriorController
from lvp_workstation.app.reading_screen import all_revealed
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain.study import Study
from lvp_workstation.report.phrases import load_phrases
from lvp_workstation.services.prior_exam import compared_measures
from lvp_workstation.viewer.captions import iso_date
from lvp_workstation.viewer.companion import Companion
from lvp_workstation.viewer.compare_plan import pair_plan
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.spaces import Space, SpaceLink

NO_PRIOR = (
    "No earlier examination of this patient is open. Open both together: the folder that holds both, or both "
    "folders."
)


class PriorActions(WindowParts):
    """Two examinations side by side, linked by their levels, and what changed."""

    _companion: Companion | None = None
    _prior_table: PriorTable | None = None

    def connect_priors(self) -> None:
        """Make what holds the earlier examination."""
        self.priors = PriorController(self.context, self.runner, self._widget())
        self.priors.ready.connect(self._take_companion)
        self.priors.problem.connect(self.status.warn)
        self.studies.study_shown.connect(lambda _study: self._leave_prior())
        self.readings.changed.connect(lambda _snapshot: self._show_prior())

    def compare_prior(self) -> None:
        """Hang the newest earlier examination beside the one on screen, or end the comparison."""
        if self.priors.study is not None:
            self._leave_prior()
            self._hang()
            return
        prior = self._newest_prior()
        if prior is None:
            self.status.warn(tr(NO_PRIOR))
            return
        self.priors.open(prior)
        self._hang()
        date = iso_date(prior.study_date)
        self.status.say(tr("beside the examination of {date}: finding its levels", date=date))

    def _newest_prior(self) -> Study | None:
        study = self.studies.study
        known = {each.study_instance_uid: each for each in self.studies.studies}
        uids = [prior.study_instance_uid for prior in study.priors] if study is not None else []
        return next((known[uid] for uid in uids if uid in known), None)

    def _hang(self) -> None:
        """Hang the series anew, those of an earlier examination beside the current ones."""
        current, prior = self.studies.series, self.priors.series
        plan = self.plan_for_study()
        if prior and not any(choice.series_key in prior for choice in plan.choices):
            plan = pair_plan([s.series for s in current.values()], [s.series for s in prior.values()])
        self.viewports.apply_plan(plan, {**current, **prior})
        if self.rail.current:
            self.screen_state.go_to_level(self.rail.current)

    def _leave_prior(self) -> None:
        self._companion = None
        self.viewports.set_companion(None)
        self.priors.close()
        if self._prior_table is not None:
            self._prior_table.hide()

    # -- levels ---------------------------------------------------------------------------

    def _take_companion(self, companion: Companion) -> None:
        self._companion = companion
        self._show_prior()
        self._link_by_levels(companion)
        if self.rail.current:
            self.screen_state.go_to_level(self.rail.current)

    def _link_by_levels(self, companion: Companion) -> None:
        """Let scroll and cursor follow between the examinations, by the levels of both."""
        layer, exam, study = self.screen_state.layer, self.priors.exam, self.studies.study
        fit = companion.fit(layer) if layer is not None else None
        if layer is None or exam is None or study is None:
            return
        if fit is None:
            self.status.warn(tr("Too few levels are common to both examinations: they are not linked."))
            return
        rigid, left_mm = fit
        here: Space = (study.study_instance_uid, layer.label_map.geometry.frame_of_reference_uid)
        there: Space = (companion.study_uid, companion.frame_of_reference_uid)
        how = tr("linked by levels, {mm} mm apart on average", mm=f"{left_mm:.1f}")
        self.viewports.links.spaces.link(here, there, SpaceLink(rigid, how))
        self.viewports.links.links_changed()
        self.status.say(tr("levels of the earlier examination: {source}", source=tr(exam.source)))

    def _show_prior(self) -> None:
        """Bring outlines and table up to date: nothing of the AI before it is revealed in this reading."""
        companion, reading, exam = self._companion, self.readings.reading, self.priors.exam
        if companion is None or reading is None or exam is None:
            return
        shown = companion.with_outlines(exam.labels) if all_revealed(reading) else companion
        self.viewports.set_companion(shown)
        if self._prior_table is not None and self._prior_table.isVisible():
            self.show_prior_table()

    # -- table ----------------------------------------------------------------------------

    def show_prior_table(self) -> None:
        """Show what was measured then and now at the levels that are revealed."""
        reading, exam = self.readings.reading, self.priors.exam
        if reading is None or exam is None:
            self.status.warn(tr("Compare with the earlier examination first, and wait for its levels."))
            return
        rows = compared_measures(reading, exam)
        if not rows:
            self.status.warn(tr("Measured values are compared at levels whose grades you have locked."))
        if self._prior_table is None:
            self._prior_table = PriorTable(load_phrases().measure, self._widget())
            self._prior_table.chosen.connect(self._go_to_row)
        study = self.studies.study
        heading = tr(
            "{then} beside {now}; {count} measurements. Levels: {source}.",
            then=iso_date(exam.study.study_date),
            now=iso_date(study.study_date if study is not None else ""),
            count=len(rows),
            source=tr(exam.source),
        )
        self._prior_table.show_rows(heading, rows)
        self._prior_table.show()

    def _go_to_row(self, target: str) -> None:
        reading = self.readings.reading
        if reading is not None and target in reading.levels:
            self.screen_state.go_to_level(target)
