"""The window starts without what only an analysis or a report needs: it starts sooner and takes less."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("scipy", "SimpleITK", "highdicom", "onnxruntime", "reportlab")


def test_the_window_loads_no_library_of_analysis_or_report() -> None:
    program = (
        "import sys, lvp_workstation.app.main, lvp_workstation.services.report_process\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""
