"""Write ``docs/zoo.md``: every file of the DICOM zoo, what became of it, and the sentences shown.

Run ``python -m tests.tools.make_zoo_table`` from the repository root; the real data folder is found
as in the tests (``LVP_SHARED_DATA``, else ``../shared/data``).
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from contextlib import redirect_stderr
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from lvp_workstation.app import cli
from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.domain.geometry import orientation_letters
from lvp_workstation.domain.study import Series
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE
from lvp_workstation.services.open_study import OpenedInput, load_volume, open_paths

REPOSITORY = Path(__file__).resolve().parents[2]
TARGET = REPOSITORY / "docs" / "zoo.md"
TOGETHER = ("siemens_sag_HFP", "siemens_sag_HFDR")
"""Folders that hold one stack of single-frame files; other folders hold one object a file."""

SETTLED_BY = {
    "philips_enhanced/IM_0027_fMAP.dcm": (
        "EffectiveEchoTime (0018,9082) and FrameType (0008,9007) in the per-frame groups: two images at each "
        "ImagePositionPatient (0020,0032); values are kept as stored, without Pixel Value Transformation"
    ),
    "siemens_xa30_enhanced_sag/0063.dcm": (
        "ImagePositionPatient (0020,0032) of each frame: frames run against the slice normal and are sorted "
        "along it; every voxel lies at the same place"
    ),
    "pydicom_emri": "no functional groups: nothing states a position",
    "siemens_overlays": "SliceThickness (0018,0050): the only statement on the extent of a single slice",
}

HEAD = """# The DICOM zoo

What becomes of each file of `shared/data/dicom_zoo`, the exit code of `lvp analyze`, and the sentences shown.
None is a lumbar spine: each ends with 4 (readable, but no lumbar series), and the `analysis.json` it leaves
holds no grade. Written by `python -m tests.tools.make_zoo_table`; the same facts are asserted in
`tests/io/test_real_data.py` and `tests/app/test_cli.py`.

| file | outcome | exit code | sentences shown |
|---|---|---|---|
"""

COMPARISON_HEAD = """
## Against SimpleITK

Values and positions of every series above, beside what SimpleITK reads from the same files (sorted along the
normal). Every stack of single-frame files agrees voxel by voxel; what differs is settled by the tag named.

| file | same values | same positions | settled by |
|---|---|---|---|
"""


def entries(zoo: Path) -> list[tuple[str, Path]]:
    """Return (name, path) of everything that is opened on its own."""
    found: list[tuple[str, Path]] = []
    for folder in sorted(p for p in zoo.iterdir() if p.is_dir()):
        files = sorted(p for p in folder.iterdir() if p.is_file())
        if folder.name in TOGETHER:
            found.append((f"{folder.name}/{files[0].name} … {files[-1].name} ({len(files)} files)", folder))
        else:
            found.extend((f"{folder.name}/{file.name}", file) for file in files)
    return found


def describe(series: Series) -> str:
    """Return what a stack is, in a few words."""
    size = f"{len(series.frames)} image{'s' if len(series.frames) > 1 else ''}"
    if series.geometry is None:
        return f"{size} without geometry, role {series.role.value}"
    letters = "".join(orientation_letters(series.geometry.directions[:, a])[0] for a in (SLICE, ROW, COLUMN))
    spacing = " x ".join(f"{v:.3g}" for v in series.geometry.spacing)
    plane = series.plane.value if series.plane else ""
    return f"{size}, {plane}, {spacing} mm, axes {letters}, role {series.role.value} ({series.decision.rule})"


def analysed(path: Path) -> tuple[int, str]:
    """Run ``lvp analyze`` on one entry; return the exit code and its last sentence.

    Raises
    ------
    ValueError
        When something was graded.
    """
    told = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, redirect_stderr(told):
        code = cli.main(["analyze", str(path), "--out", folder])
        written = Path(folder) / "analysis.json"
        if written.exists() and any(
            level["grades"] for level in json.loads(written.read_text(encoding="utf-8"))["levels"].values()
        ):
            raise ValueError(f"{path} was graded")
    lines = told.getvalue().splitlines()
    return code, lines[-1] if lines else ""


def outcome(path: Path) -> tuple[str, str]:
    """Open one entry; return what was found and the sentences a user sees."""
    try:
        opened = open_paths([path])
        sentences = [problem.text for problem in opened.all_problems]
        sentences += [other.text for other in opened.others]
        parts = [describe(series) for study in opened.studies for series in study.series]
        sentences += pixel_sentences(opened)
    except UnreadableInput as error:
        return "not read", str(error)
    return "; ".join(parts) or "listed, no image", " ".join(sentences)


def pixel_sentences(opened: OpenedInput) -> list[str]:
    """Load every stack and return what was wrong with its pixels."""
    stacks = [series for study in opened.studies for series in study.series]
    return [problem.text for series in stacks for problem in load_volume(series).problems]


def read_reference(path: Path, series: Series) -> sitk.Image:
    """Read the files of a series by SimpleITK."""
    if path.is_dir():
        return sitk.ReadImage([frame.path for frame in series.frames])
    return sitk.ReadImage(str(path))


def comparison(path: Path) -> tuple[str, str] | None:
    """Return whether values and positions equal those SimpleITK reads, None when there is no image."""
    stacks = [series for study in open_paths([path]).studies for series in study.series]
    if not stacks:
        return None
    try:
        image = read_reference(path, stacks[0])
    except RuntimeError:
        return "SimpleITK cannot read it", "-"
    array = sitk.GetArrayFromImage(image)
    volume = load_volume(stacks[0]).volume
    if array.shape != volume.shape:
        return f"SimpleITK: one stack of {array.shape[0]}", "-"
    if np.array_equal(array, volume.array):
        order, first = "yes", 0
    elif np.array_equal(array[::-1], volume.array):
        order, first = "yes, slices in reverse order", volume.shape[0] - 1
    else:
        return "no", "-"
    if volume.attributes.get("GeometryUnknown"):
        return order, "neither states any"
    here = volume.geometry.index_to_world((first, 0, 0))
    far = volume.geometry.index_to_world((first, volume.shape[1] - 1, volume.shape[2] - 1))
    last = image.TransformIndexToPhysicalPoint((volume.shape[2] - 1, volume.shape[1] - 1, 0))
    same = np.allclose(here, image.GetOrigin(), atol=1e-3) and np.allclose(far, last, atol=1e-3)
    thickness = volume.shape[0] == 1 and abs(image.GetSpacing()[2] - volume.geometry.spacing[0]) > 1e-3
    return order, ("yes" if same else "no") + (", slice extent differs" if thickness else "")


def settled_by(name: str) -> str:
    """Return the tag that settles a difference."""
    return next((words for key, words in SETTLED_BY.items() if name.startswith(key)), "-")


def table(zoo: Path) -> str:
    """Return the whole page."""
    rows, compared = [], []
    for name, path in entries(zoo):
        found, sentence = outcome(path)
        code, last = analysed(path)
        said = " ".join(dict.fromkeys(text for text in (sentence, last) if text))
        rows.append(f"| `{name}` | {found} | {code} | {said} |")
        result = comparison(path) if found != "not read" else None
        if result is not None:
            compared.append(f"| `{name}` | {result[0]} | {result[1]} | {settled_by(name)} |")
    return HEAD + "\n".join(rows) + "\n" + COMPARISON_HEAD + "\n".join(compared) + "\n" + whole(zoo)


def whole(zoo: Path) -> str:
    """Return what opening the whole folder at once gives."""
    opened = open_paths([zoo])
    stacks = sum(len(study.series) for study in opened.studies)
    lines = [
        "",
        "## The whole folder at once",
        "",
        f"{len(opened.studies)} studies, {stacks} stacks, {len(opened.others)} other objects. Sentences:",
        "",
    ]
    return "\n".join(lines + [f"- {problem.text}" for problem in opened.all_problems]) + "\n"


def main() -> None:
    """Write the page."""
    data = Path(os.environ.get("LVP_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    TARGET.write_text(table(data / "dicom_zoo"), encoding="utf-8")


if __name__ == "__main__":
    main()
