"""Columns of the findings grid that no image of a study can answer."""

import pytest

from lvp_workstation.domain.study import Patient, RoleDecision, Series, SeriesRole, Study
from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, VolumeGeometry
from lvp_workstation.services.shown_columns import columns_without_images

AXIAL = ((0, 0, 1), (0, 1, 0), (1, 0, 0))
RECESSES = {"lateral_recess_left", "lateral_recess_right"}


def series(role: SeriesRole, axes: object, apart: float) -> Series:
    geometry = VolumeGeometry.from_axes((0, 0, 0), axes, (apart, 0.7, 0.7), (12, 32, 32))  # type: ignore[arg-type]
    return Series("1.2.3", 0, (), geometry, RoleDecision(role, "test"))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ([(SeriesRole.SAG_T2, SAGITTAL_CANONICAL, 4.4)], RECESSES),
        ([(SeriesRole.SAG_T2, SAGITTAL_CANONICAL, 0.9)], set()),
        ([(SeriesRole.SAG_T2, SAGITTAL_CANONICAL, 4.4), (SeriesRole.AX_T2, AXIAL, 4.0)], set()),
        ([(SeriesRole.SAG_T2, SAGITTAL_CANONICAL, 4.4), (SeriesRole.LOC, AXIAL, 8.0)], RECESSES),
    ],
)
def test_recesses_need_axial_images_or_thin_slices(shown: list[tuple], expected: set[str]) -> None:  # type: ignore[type-arg]
    study = Study("1.2", Patient("P"), tuple(series(*each) for each in shown))
    assert columns_without_images(study) == expected
