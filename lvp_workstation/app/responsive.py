"""How the interpreter is set so that the thread of the window is never kept waiting."""

from __future__ import annotations

import gc
import sys

SWITCH_S = 0.0001
"""How long another thread may keep the interpreter while the window waits for it (our choice).

Painting gives the interpreter back with nearly every call of Qt and has to get it again each time; with
Python's own 5 ms a frame waits several times that long while a worker computes.
"""


def keep_responsive() -> None:
    """Let the window's thread in soon, and never search the program itself for garbage again."""
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    spare_what_stays()


def spare_what_stays() -> None:
    """Leave what was built until now out of garbage collections: it stays as long as the program runs.

    A full collection goes through every object of every loaded module, 90 ms during which nothing else
    runs.
    """
    gc.freeze()
