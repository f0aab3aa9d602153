"""The model card, written from the manifest and the measured figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FLOORS = {"vertebra": 0.91, "disc": 0.88, "canal": 0.92}
THICK_FLOORS = {"vertebra": 0.90, "disc": 0.87, "canal": 0.90}
EVIDENCE = "EVIDENCE.md"
EVIDENCE_WORDS = f"""## Further evidence

Calibration, contrasts, scanners, pathology, level names, known failures with pictures, environmental cost:
[{EVIDENCE}]({EVIDENCE})."""
WORDS = {
    "native": "as in the files (0.8 x 0.8 x 0.9 mm)",
    "thick_4.5mm": "simulated 4.5 mm slices (means of five)",
    "single_middle_slice": "the middle slice alone",
    "background_grey_35_16bit": "grey of every voxel + 35, stored as 16 bit",
    "saturated_5_percent": "brightest 5 % clipped",
    "noise_10_percent": "noise of 10 % of the 99th percentile",
    "axes_reversed_and_permuted": "all axes reversed and permuted",
}


def write_card(folder: Path, metrics: dict[str, Any]) -> Path:
    """Write ``MODEL_CARD.md`` and ``metrics.json`` beside the network."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    version = manifest["version"]
    parts = [
        f"# {manifest['name']} {version}",
        _purpose(manifest),
        _data(manifest),
        _accuracy(metrics, version),
        *([_contrast(metrics["contrast"], version)] if "contrast" in metrics else []),
        _phantoms(metrics["phantoms"]),
        _speed(metrics["timing"]),
        _limits(manifest),
        *([EVIDENCE_WORDS] if (folder / EVIDENCE).exists() else []),
        _reproduce(manifest),
    ]
    path = folder / "MODEL_CARD.md"
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return path


def _purpose(manifest: dict[str, Any]) -> str:
    size = manifest["model"]["bytes"] / 1e6
    return f"""**Not a medical device.** {manifest["intended_use"]}

A true V-Net (Milletari 2016: residual 3-D stages, strided down-convolutions, transposed up-convolutions,
PReLU, Dice loss), anisotropic: kernels 1x3x3 and in-plane strides in the two upper levels, factored 3-D
kernels below, strides (1,2,2)(1,2,2)(2,2,2)(2,2,2). Batch norms are folded and the trained PReLU slopes are
constants in the ONNX file ({size:.1f} MB, SHA-256 `{manifest["model"]["sha256"]}`).

Input: a sagittal volume on canonical axes (slices to Right, rows to Inferior, columns to Posterior), 1.0 mm
pixels, slices as acquired (thinner than 1.0 mm: averaged in groups), intensities normalised by
`lvp_workstation.inference.preprocess`. Output: probabilities of background, vertebra (with its posterior
elements), disc, spinal canal, sacrum."""


def _data(manifest: dict[str, Any]) -> str:
    training = manifest["training"]
    held = ", ".join(training["never_trained_on"])
    notes = "".join(f" {note}" for note in training.get("notes", ()))
    sources = "\n".join(f"- {item['name']}; {item['licence']}." for item in training["data"])
    attribution = next((d["attribution"] for d in training["data"] if "attribution" in d), "")
    return f"""## Training data

Start: {training["start"]}; then {training["steps"]} steps in {training["minutes"]} minutes on two CPU
cores.{notes}

{sources}

The volumes are of **one hospital, mostly one scanner** (Siemens Avanto_fit 1.5 T; one patient Skyra 3 T),
low-back-pain patients, a 12-27 mm slab about the midline. Patients {held} were never trained on. Shares of
the samples and augmentation: `models/training/config.toml`.

**No reader drew a sacrum**: SPIDER does not label it. Phantoms teach its shape. On real images its label 0
counts as "background or sacrum"; one small region below the L5-S1 disc, placed by geometry from the disc's
label (`models/training/labels.py`, `s1_seed`), is taught as sacrum, and, when training starts from an earlier
version, the connected region that version is sure of (`sacrum_from`). No figure for the sacrum on real
patients exists.

**Other contrasts than T2 SPACE** were seen as imitations (phantoms, changed tissues) and, where listed above,
as T1 and T2 mid-slices of many scanners whose labels are the confident pixels of an earlier version's answer
to the T2 (`models/training/pseudo.py`); no reader checked them.

> {attribution} Changes: 8-bit, windowed, resampled volumes rebuilt from public copies; see the project's
> documentation of its data."""


def _accuracy(metrics: dict[str, Any], version: str) -> str:
    native, thick = metrics["dice"]["native"], metrics["dice"].get("thick_4.5mm", {})
    lines = [
        "## Accuracy on the six validation patients",
        "Dice on the voxels of the files, through the program's preprocessing, labels as the network "
        f"gives them. `python -m models.training.evaluate --model models/lumbar_vnet/{version} "
        "--out out`. The network with averaged weights at the end of training was taken; these "
        "patients chose no checkpoint, but the choices listed in `models/training/EXPERIMENTS.md` were "
        "made by looking at them.",
        "| patient | vertebra | disc | canal | vertebra 4.5 mm | disc 4.5 mm | canal 4.5 mm |\n"
        "|---|---|---|---|---|---|---|\n"
        + "\n".join(_patient(p, native[p], thick.get(p, {})) for p in native)
        + "\n"
        + _patient("**mean**", metrics["mean"]["native"], metrics["mean"].get("thick_4.5mm", {}))
        + "\n"
        + _patient("floor", FLOORS, THICK_FLOORS),
        "Means and (worst patient) under changes of the same images:",
        "| images | vertebra | disc | canal |\n|---|---|---|---|\n"
        + "\n".join(_change(name, metrics) for name in metrics["mean"]),
    ]
    return "\n\n".join(lines)


def _contrast(contrast: dict[str, Any], version: str) -> str:
    kinds = ("mean", "median", "percentile_10")
    rows = "\n".join(
        f"| {kind.replace('_', ' ')} | "
        + " | ".join(f"{contrast[k][kind]:.3f}" for k in (*FLOORS, "sacrum"))
        + " |"
        for kind in kinds
    )
    return f"""## T1 against T2 of the same patient (agreement, not accuracy)

Dice between the labels of the T1 and of the T2 mid-slice, {contrast["patients"]} patients that were never
trained on nor used for pseudo-labels, pictures of equal size and pixels, several scanners; no registration,
each picture as one slice.
`python -m models.training.contrast --model models/lumbar_vnet/{version}`.

| Dice | vertebra | disc | canal | sacrum |
|---|---|---|---|---|
{rows}"""


def _phantoms(phantoms: dict[str, Any]) -> str:
    seeds = phantoms["seeds"]
    rows, kinds = (
        "\n".join(
            f"| {name} | " + " | ".join(f"{scores[k]:.3f}" for k in (*FLOORS, "sacrum")) + " |"
            for name, scores in phantoms[table].items()
        )
        for table in ("dice", "presets")
    )
    return f"""## Phantoms (seeds {seeds[0]}-{seeds[-1]}, never trained on; no evidence about patients)

Mean Dice against the exact shapes. The phantom draws discs up to the end plate and SPIDER does not; the edge
of phantom discs was left out of the training, so that discs are drawn SPIDER's way; it costs disc Dice here.

| series | vertebra | disc | canal | sacrum |
|---|---|---|---|---|
{rows}

By kind of patient, T2, T1 and STIR together (transitional: six lumbar bodies, a sacralised fifth, four
bodies):

| phantom | vertebra | disc | canal | sacrum |
|---|---|---|---|---|
{kinds}"""


def _patient(name: str, native: dict[str, float], thick: dict[str, float]) -> str:
    cells = [f"{s[k]:.3f}" if k in s else "–" for s in (native, thick) for k in FLOORS]
    return f"| {name} | " + " | ".join(cells) + " |"


def _change(name: str, metrics: dict[str, Any]) -> str:
    mean, worst = metrics["mean"][name], metrics["worst"][name]
    cells = [f"{mean[k]:.3f} ({worst[k]:.3f})" if k in mean else "–" for k in FLOORS]
    return f"| {WORDS.get(name, name)} | " + " | ".join(cells) + " |"


def _speed(timing: dict[str, Any]) -> str:
    shape = " x ".join(str(n) for n in timing["shape"])
    spacing = " x ".join(str(n) for n in timing["spacing_mm"])
    low, high = timing["total_range_s"]
    return f"""## Speed

{shape} voxels of {spacing} mm, ONNX Runtime {timing["onnxruntime"]}, CPU, {timing["threads"]} threads
({timing["machine"]}, load average {timing["load_average"]} at the end), median of nine runs after a warm-up:
preparing {timing["prepare_s"]:.2f} s, network {timing["network_s"]:.2f} s, back to the voxels
{timing["restore_s"]:.2f} s, together **{timing["total_s"]:.2f} s** ({low:.2f}-{high:.2f} s), without
post-processing. Same command as above."""


def _limits(manifest: dict[str, Any]) -> str:
    return "## Limits\n\n" + "\n".join(f"- {line}" for line in manifest["limits"]) + _MORE_LIMITS


_MORE_LIMITS = """
- Six patients hold about 45 discs: the figures above are a first orientation, not proof of performance.
- Lateral anatomy (pedicles, facets, lateral discs) was seen in phantoms only; it is ragged on real images.
- Vertebrae cut by the upper edge are labelled inconsistently in the training data, and so here.
- Untested: axial series, hardware, tumour, infection, fracture, children, low field."""


def _reproduce(manifest: dict[str, Any]) -> str:
    start = manifest["training"]["start"]
    bundle = " --from-bundle BUNDLE" if start.startswith(manifest["name"]) else ""
    history = "earlier bundles are in the history of this repository; without it all stages are done"
    where = f" BUNDLE is {start}; {history}." if bundle else ""
    return f"""## Reproduce

```
python -m models.training.make_model --run RUN{bundle} [--data DIR]
```

makes phantoms (and pseudo-labels), trains, exports, evaluates and writes this card (environment
`LVP_SHARED_DATA`, default `../shared/data`).{where} Threads make sums differ in their last bits, so two
trainings agree in quality, not bit for bit."""
