"""What is asked of an analysis."""

from __future__ import annotations

from dataclasses import dataclass

from lvp_workstation.domain.study import SeriesRole


@dataclass(frozen=True)
class AnalysisRequest:
    """What to analyse.

    ``series`` is a series key or SeriesInstanceUID, empty for the program's choice; ``role`` states
    the role of the series where the file does not.
    """

    series: str = ""
    role: SeriesRole | None = None


ANYTHING = AnalysisRequest()
"""The program chooses the series and its role."""
