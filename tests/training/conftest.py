"""The recipe lives beside the package, so the repository must be importable."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

REPOSITORY = str(Path(__file__).resolve().parents[2])
if REPOSITORY not in sys.path:
    sys.path.insert(0, REPOSITORY)


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Keep PyTorch to one thread: tiny layers spend longer on waiting for each other than on work."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
