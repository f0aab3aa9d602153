"""Which words and which strip a viewport shows for its present state."""

from __future__ import annotations

from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.render.slab import Slab
from lvp_workstation.render.stack import DisplayStack
from lvp_workstation.viewer import captions, palette
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.overlay import OverlayContent
from lvp_workstation.viewer.overlay_corners import Badge, CornerTexts
from lvp_workstation.viewer.overlay_strip import SliceStrip
from lvp_workstation.viewer.stack_group import StackGroup
from lvp_workstation.viewer.view_state import ViewState


def corner_texts(
    series: DisplaySeries, stack: DisplayStack, state: ViewState, content: OverlayContent, group: StackGroup
) -> CornerTexts:
    """Return the words in the corners of a viewport."""
    study = series.study
    number = captions.slice_line(stack, state.index)
    place, blocks = group.place(series) if stack.acquired else (1, 1)
    if blocks > 1:
        number += f"  {tr('stack {place}/{blocks}', place=place, blocks=blocks)}"
    if content.cine:
        number += f"  {tr('cine {speed}/s', speed=content.cine)}"
    return CornerTexts(
        identity=captions.identity_lines(study.patient) if study else (),
        study=captions.study_lines(study) if study else (),
        series=captions.series_lines(series.series),
        state=(captions.window_line(state.window), number),
        badges=badges(series, stack, state.slab, content.link_note),
        level=_level(stack, state, content),
        notice=content.notice,
    )


def badges(
    series: DisplaySeries, stack: DisplayStack, slab: Slab | None = None, link_note: str = ""
) -> tuple[Badge, ...]:
    """Return what must be known about the fidelity of the pixels, the gravest last."""
    text = captions.fidelity_badge(stack, series.series.acquired_slice_mm)
    colour = palette.BADGE_ACQUIRED if stack.acquired else palette.BADGE_COMPUTED
    found = [Badge(text, colour)]
    if not stack.acquired:
        found.append(Badge(captions.plane_badge(stack, slab), colour))
    if link_note:
        found.append(Badge(link_note, palette.BADGE_COMPUTED))
    return (*found, *fidelity_badges(series))


def fidelity_badges(series: DisplaySeries) -> tuple[Badge, ...]:
    """Return what must be known about the pixels of a series, however they are shown."""
    found = []
    if series.earlier and series.study is not None:
        date = captions.iso_date(series.study.study_date)
        found.append(Badge(tr("EARLIER {date}", date=date), palette.BADGE_WARNING))
    if series.lossy:
        found.append(Badge(tr("LOSSY"), palette.BADGE_WARNING))
    if series.synthetic:
        found.append(Badge(tr("SYNTHETIC"), palette.BADGE_WARNING))
    return tuple(found)


def slice_strip(series: DisplaySeries, stack: DisplayStack, index: int) -> SliceStrip | None:
    """Return the state of every slice in reading order; a computed stack has none."""
    if not stack.acquired:
        return None
    order = range(stack.count - 1, -1, -1) if stack.reversed else range(stack.count)
    viewed, skipped = series.viewed, series.skipped
    return SliceStrip(
        tuple(n in viewed for n in order),
        tuple(series.is_ready(n) for n in order),
        stack.number(index) - 1,
        tuple(n in skipped for n in order),
    )


def _level(stack: DisplayStack, state: ViewState, content: OverlayContent) -> str:
    """Return the level an axial slice lies at."""
    plane = state.plane
    if stack.plane is not ImagePlane.AXIAL or content.labels is None or plane is None:
        return ""
    return content.labels.level_at(plane) if content.ai_visible else ""
