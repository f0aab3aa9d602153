"""What was displayed of a series, as it was at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.report.facts import CoverageFact, LevelCoverage
from lvp_workstation.services.coverage import LevelSlices
from lvp_workstation.viewer.display_series import DisplaySeries


@dataclass(frozen=True)
class SeenSeries:
    """Name, slices and grid of a series, and which of its slices were displayed."""

    key: str
    name: str
    count: int
    geometry: VolumeGeometry | None
    viewed: frozenset[int]

    @staticmethod
    def of(series: DisplaySeries) -> SeenSeries:
        """Return what was displayed of a series up to now."""
        name = series.series.description or series.series.role.caption
        return SeenSeries(series.key, name, series.count, series.geometry, frozenset(series.viewed))

    def fact(self, levels: LevelSlices | None, names: LevelMap | None) -> CoverageFact:
        """Return it for the report, with the slices through each level where levels are known."""
        at_levels: tuple[LevelCoverage, ...] = ()
        if levels is not None and names is not None and self.geometry is not None:
            at_levels = tuple(
                LevelCoverage(names.shown_name(disc), len(slices & self.viewed), len(slices))
                for disc, slices in levels.of(self.key, self.geometry).items()
            )
        return CoverageFact(self.name, len(self.viewed), self.count, at_levels)
