"""The analyser with the model that ships with the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lvp_workstation.domain.clock import utc_now

if TYPE_CHECKING:
    from lvp_workstation.services.analyse import Analyser


def make_analyser(threads: int | None = None) -> Analyser:
    """Return an analyser with the newest model that ships with the program.

    Raises
    ------
    ModelProblem
        When the bundle is missing or does not match its manifest.
    """
    # Some 100 MB of libraries that reading without an analysis does not need: loaded with the first one.
    from lvp_workstation.inference.bundle import load_bundle
    from lvp_workstation.inference.segmenter import Segmenter
    from lvp_workstation.inference.session import OnnxSession
    from lvp_workstation.services.analyse import Analyser

    bundle = load_bundle()
    return Analyser(Segmenter(bundle, OnnxSession(bundle.model_path, threads)), utc_now)
