"""The DICOM objects of a plan: a presentation state for viewers, spatial fiducials for programs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lvp_workstation import __version__
from lvp_workstation.io.plan_fiducials import PlanContext, plan_fiducials
from lvp_workstation.io.presentation import planes_presentation
from lvp_workstation.measure.boxes import middle_slice
from lvp_workstation.services.plan import StudyPlan

PRESENTATION, FIDUCIALS = "plan_presentation.dcm", "plan_fiducials.dcm"
AUTHOR = "lvp_workstation"


def plan_objects(planned: StudyPlan, when: datetime | None = None) -> dict[str, Any]:
    """Return the objects of a plan by file name; nothing for a series that is no DICOM.

    Parameters
    ----------
    when
        Time of the plan, now unless stated.

    Raises
    ------
    UnreadableInput
        When the image that the planes are drawn on cannot be read again.
    """
    series, volume = planned.series, planned.found.volume
    index = middle_slice(planned.found.labels)
    uid = volume.source_sop_uids[index] if volume.source_sop_uids else ""
    if not uid:
        return {}
    places = [n for n, frame in enumerate(series.frames) if frame.sop_instance_uid == uid]
    frame = places[0] if len(places) == 1 else index  # a multi-frame object has one identifier for all
    moment = when or datetime.now(UTC)
    study = planned.study
    context = PlanContext(
        study.patient,
        study.study_instance_uid,
        volume.geometry.frame_of_reference_uid,
        moment,
        __version__,
        volume.synthetic,
    )
    stacks = planned.found.plan.stacks
    return {
        FIDUCIALS: plan_fiducials(stacks, context),
        PRESENTATION: planes_presentation(series, frame, stacks, (AUTHOR, __version__), moment.isoformat()),
    }
