"""Write ``docs/scanner.md``: every fault of ``tests.services.acquisition.scanner_faults`` and what happened.

``python -m tests.tools.make_scanner_faults [FILE]``
"""

from __future__ import annotations

import re
import sys
import warnings
from pathlib import Path

from tests.conftest import REPOSITORY
from tests.services.acquisition.scanner_faults import FAULTS, SLICES, Fault, FaultRecord, run_fault

DOORS = {"dicom": "DICOM", "mrd": "MRD", "igtl": "OpenIGTLink"}
HEAD = f"""# Faults of scanners and networks

Each line was done on purpose to real receivers over loopback (`python -m tests.tools.make_scanner_faults`;
the test suite runs the same), with series of {SLICES} slices. *Told* is what the technologist's screen and
the log say; afterwards a healthy series was sent over the same door.

| door | what was broken | told | judged | afterwards |
|---|---|---|---|---|
"""


def line(fault: Fault, record: FaultRecord) -> str:
    """Return a row of the table; ports and seconds vary from run to run."""
    told = " ".join(re.sub(r"127\.0\.0\.1(:\d+)?", "ADDRESS", text) for text in record.sentences)
    judged = ", ".join(f"{count} slices" for count in record.judged) or "nothing came"
    after = "works on" if record.works else "**DOES NOT WORK**"
    return f"| {DOORS[fault.door]} | {fault.what} | {told or '(nothing)'} | {judged} | {after} |"


def main(arguments: list[str]) -> int:
    """Run every fault and write the table."""
    warnings.simplefilter("ignore", ResourceWarning)
    rows = [line(fault, run_fault(fault)) for fault in FAULTS]
    path = Path(arguments[0]) if arguments else REPOSITORY / "docs" / "scanner.md"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
