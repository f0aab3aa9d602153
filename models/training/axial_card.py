"""Write the card of the axial bundle: ``python -m models.training.axial_card models/axial_vnet/1.1.0``.

Everything measured comes from ``manifest.json`` and from ``metrics.json``, which `axial_fit` writes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from models.training.axial_cases import KINDS

UNITS = {"sac_area": "%", "recess_angle": "deg"}

_TEXT = """# {name} {version}

**Synthetic training, not validated on patients.** {intended}

Grades and measurements that rest on it are off on screen until the reader switches them on (`axial_grades`
in the settings), cannot be accepted in bulk, enter no impression unless the reader types the grade, and carry
the mark on screen, in `analysis.json` and in the report.

A true V-Net (Milletari 2016: residual stages, strided down-convolutions, transposed up-convolutions, PReLU,
Dice loss) for few thick slices: strides in the plane only, kernels 1x3x3, from the third level on factored
with 3x1x1. {parameters} parameters, {megabytes:.2f} MB, SHA-256 `{sha}`.

Input: a patch of {side} x {side} pixels of {pixel} mm around one disc, placed by the disc's landmarks of the
sagittal series in patient space (rows to Posterior, columns to Left, slices as acquired, at most seven within
13 mm), intensities normalised by `lvp_workstation.inference.preprocess.normalise`. Output: probabilities of
{classes}. `herniation` is what a focal herniation brought beyond the margin of the disc.

## Training data

Phantoms of this project only ({patches} patches, seeds from 500001; none from 900000 on, which are kept
for evaluation). Labels are the continuous shapes at the voxel centres. Kinds of patients and their shares:
{kinds}. Half of the patches come from the generator of the preset `evaluation` (other seeds), so figures on
that preset show consistency with a simulation, not clinical accuracy. Randomised: pixels 0.42-1 mm, slices
3-5 mm with gaps to 25 %, 3-7 slices, blocks along the disc and straight stacks, TR, TE, field, noise, the
measured share of k-space, bias, tissue contrast, gamma, ghosts, blur, motion, signal voids, turns, scale and
mirror images. {steps} steps of four patches in {minutes:.0f} minutes on a shared processor
(`models/training/axial_train.py`). **No image of a patient was used, neither to train nor to test.**

## Figures on phantoms

Dice on phantom patches whose seeds end in 0, never trained on, at step
{dice_step}: {dice}.

Measures on the patches of {phantoms} further phantoms (preset `evaluation`, seeds from 620001, half of them
with the default protocol, half with another; landmarks moved by 1.5 mm and 2.5 degrees),
`python -m models.training.axial_fit`:

| measure | n | mean absolute error | median | bias | 95 % of errors |
|---|---|---|---|---|---|
{measures}

Recess heights count as open from 6 mm on.

Graders fitted to the same phantoms, pooled over five folds by phantom (AUC of the upper half of the classes;
quadratic-weighted kappa):

{graders}

## Limits

{limits}
- The open images at hand hold no axial T2 of a lumbar spine: nobody has seen it on one.
- Seen from 3 mm slices on; a free fragment further than 13 mm from every disc is not looked for.

## Reproduce

```
python -m models.training.axial_cases --out CASES --first 500001 --count N
python -m models.training.axial_train --cases CASES --run RUN --steps {steps} --threads 2
python -m models.training.axial_export --run RUN --out models/axial_vnet/{version}
python -m models.training.axial_readings --out READINGS
python -m models.training.axial_fit --readings READINGS --write
python -m models.training.axial_card models/axial_vnet/{version}
```
"""


def card(manifest: dict[str, Any], metrics: dict[str, Any]) -> str:
    """Return the text of the card."""
    training, given = manifest["training"], manifest["input"]
    rows = [
        f"| {name} ({UNITS.get(name, 'mm')}) | {one['n']:.0f} | {one['mae']:.2f} | {one['median']:.2f} | "
        f"{one['bias']:+.2f} | {one['low']:+.1f} to {one['high']:+.1f} |"
        for name, one in metrics["measures"].items()
    ]
    return _TEXT.format(
        name=manifest["name"],
        version=manifest["version"],
        intended=manifest["intended_use"],
        parameters=training["parameters"],
        megabytes=manifest["model"]["bytes"] / 1e6,
        sha=manifest["model"]["sha256"],
        side=given["side"],
        pixel=given["plane_spacing_mm"],
        classes=", ".join(manifest["output"]["classes"]),
        patches=training["patches"],
        kinds=", ".join(f"{name} {share:.0%}" for name, share in KINDS.items()),
        steps=training["steps"],
        minutes=training["minutes"],
        dice_step=training["held_out_dice_at_step"],
        dice=", ".join(f"{name} {value:.3f}" for name, value in training["held_out_dice"].items()),
        phantoms=metrics["phantoms"],
        measures="\n".join(rows),
        graders="\n".join(f"- {name}: {text}." for name, text in metrics["graders"].items()),
        limits="\n".join(f"- {text}" for text in manifest["limits"]),
    )


def main() -> None:
    """Write the card of a bundle folder."""
    folder = Path(sys.argv[1])
    manifest, metrics = (json.loads((folder / f"{n}.json").read_text()) for n in ("manifest", "metrics"))
    (folder / "MODEL_CARD.md").write_text(card(manifest, metrics), encoding="utf-8")


if __name__ == "__main__":
    main()
