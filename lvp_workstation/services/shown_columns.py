"""Which columns of the findings grid no image of a study can answer."""

from __future__ import annotations

from lvp_workstation.domain.findings import RECESS_LEFT, RECESS_RIGHT
from lvp_workstation.domain.study import SeriesRole, Study
from lvp_workstation.domain.volume import SLICE, ImagePlane, VolumeGeometry

THIN_MM = 1.5
"""Slices up to this far apart show other planes well enough to be read there (our choice)."""

_AXIAL_ONLY = frozenset({RECESS_LEFT.key, RECESS_RIGHT.key})
_LOCALIZERS = frozenset({SeriesRole.LOC, SeriesRole.LOC_WHOLESPINE})


def columns_without_images(study: Study) -> frozenset[str]:
    """Return the scales that are read on axial images where a study has none, acquired or from thin slices.

    It rests on the headers alone, never on what an AI said.
    """
    read = (s.geometry for s in study.series if s.decision.role not in _LOCALIZERS and s.geometry)
    return frozenset() if any(_shows_axial(geometry) for geometry in read) else _AXIAL_ONLY


def _shows_axial(geometry: VolumeGeometry) -> bool:
    return geometry.image_plane is ImagePlane.AXIAL or geometry.spacing[SLICE] <= THIN_MM
