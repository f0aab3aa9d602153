"""Loss and Dice over time as a picture."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt


def draw_curves(run: Path) -> Path:
    """Draw ``log.jsonl`` of a run into ``curves.png``."""
    entries = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    losses = [e for e in entries if "loss" in e]
    left.plot([e["minutes"] for e in losses], [e["loss"] for e in losses])
    left.set(xlabel="minutes", ylabel="training loss")
    checks = [e for e in entries if "mean" in e]
    for name in checks[0]["mean"] if checks else ():
        line = right.plot([e["minutes"] for e in checks], [e["mean"][name] for e in checks], "o-", label=name)
        thick = [e["mean_thick"][name] for e in checks]
        right.plot([e["minutes"] for e in checks], thick, "o--", color=line[0].get_color())
    right.set(xlabel="minutes", ylabel="mean Dice (dashed: 4.5 mm slices)", ylim=(0.6, 1.0))
    right.legend()
    figure.tight_layout()
    path = run / "curves.png"
    figure.savefig(path, dpi=90)
    plt.close(figure)
    return path
