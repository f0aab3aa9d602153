"""Evaluate segmentation and level names: one case in memory at a time, resumable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lvp_workstation import __version__
from lvp_workstation.domain.errors import NothingReadable, UnreadableInput
from lvp_workstation.domain.volume import Volume
from lvp_workstation.evaluation.calibration import Reliability
from lvp_workstation.evaluation.conventions import Reference, classes_of_labelmap
from lvp_workstation.evaluation.scoring import ImageScore, score_image
from lvp_workstation.evaluation.segmentation import (
    NATIVE,
    REFERENCE,
    THICK,
    TOTAL,
    ScoredImage,
    figures_of,
    worst_first,
)
from lvp_workstation.evaluation.thick import thickened
from lvp_workstation.inference.reference import reference_seconds
from lvp_workstation.inference.segmenter import Segmentation, Segmenter
from lvp_workstation.io.atomic import write_bytes
from lvp_workstation.render.png import png_bytes
from lvp_workstation.report.document import ReportImage
from lvp_workstation.report.evaluation_pictures import difference_picture
from lvp_workstation.services.evaluate.ledger import Ledger
from lvp_workstation.services.evaluate.outcome import PICTURES, Outcome
from lvp_workstation.services.evaluate.outline_chances import (
    OutlineChance,
    chance_figures,
    chance_section,
    chance_table,
    stated_chances,
)
from lvp_workstation.services.evaluate.segmentation_report import case_picture, segmentation_sections
from lvp_workstation.services.evaluate.sources import LabelledImage, Source, unseen
from lvp_workstation.services.evaluate.witness import Witness

KIND = "segmentation"
WORST_SHOWN = 10
REFERENCE_RUNS = 3
"""Reference convolutions timed beside each image, of which the median counts (our choice)."""
UNCERTAIN = frozenset({"numbering_uncertain", "sacrum_not_in_view", "not_lumbar"})
"""Codes of warnings by which the program calls its own numbering uncertain."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class _Scored:
    """An image with its picture, which is kept only among the worst.

    `chances` are the stated chances of poor outlines and their outcomes, of all arms.
    """

    image: ScoredImage
    caption: str
    convention: str
    picture: NDArray[np.uint8] | None = None
    chances: tuple[tuple[float, bool], ...] = ()


class SegmentationEvaluation:
    """Evaluates one model on labelled images.

    Parameters
    ----------
    segmenter
        Runs the model; its network is the witness, so that voxel probabilities can be judged.
    witness
        None where the network was not wrapped: voxels are not judged then.
    folder
        Where the ledger and the pictures go.
    say
        Takes a line of progress.
    afresh
        Score cases anew that were scored before.
    kind
        As which kind of evaluation the outcome is written.
    """

    def __init__(
        self,
        segmenter: Segmenter,
        witness: Witness | None,
        folder: Path,
        say: Say,
        *,
        afresh: bool = False,
        kind: str = KIND,
    ) -> None:
        self._kind = kind
        self._segmenter = segmenter
        self._witness = witness
        self._folder = folder
        self._say = say
        identity = {"kind": kind, "model": segmenter.bundle.sha256, "program": __version__}
        self._ledger = Ledger(folder, identity, afresh)
        self._done: list[_Scored] = []

    def run(self, sources: Sequence[Source], problems: Sequence[str] = ()) -> Outcome:
        """Score every case and return the outcome.

        Raises
        ------
        NothingReadable
            When no case could be scored.
        """
        notes = list(problems)
        for number, source in enumerate(sources, start=1):
            known = self._ledger.get(source.key, source.fingerprint)
            try:
                found = [_restored(row) for row in known] if known else self._score(source)
            except UnreadableInput as error:
                notes.append(str(error))
                self._say(f"{number}/{len(sources)} {source.key}: left out. {error}")
                continue
            self._done += found
            self._keep_worst()
            again = " (scored before)" if known else ""
            self._say(f"{number}/{len(sources)} {source.key}: {_summary(found)}{again}")
        if not self._done:
            raise NothingReadable("\n".join(["No case could be evaluated.", *notes]))
        return self._outcome(len(sources) + len(problems), notes)

    def _score(self, source: Source) -> list[_Scored]:
        held_back = unseen(self._segmenter.bundle.manifest, source)
        found = [self._image(source, image, held_back) for image in source.images()]
        if not found:
            raise UnreadableInput(f"{source.key} holds no sagittal image.")
        self._ledger.append(source.key, source.fingerprint, [_row(one) for one in found])
        return found

    def _image(self, source: Source, image: LabelledImage, held_back: bool | None) -> _Scored:
        segmentation = self._segmenter.segment(image.volume)
        voxels = self._witness.voxel_reliability(image.volume, image.reference) if self._witness else {}
        arms = {NATIVE: _judged(segmentation, image.volume, image.reference)}
        chances = stated_chances(segmentation, arms[NATIVE])
        merged = thickened(image.volume, image.reference)
        if merged is not None:
            thick = self._segmenter.segment(merged[0])
            arms[THICK] = _judged(thick, *merged)
            chances += stated_chances(thick, arms[THICK])
        drawn = difference_picture(
            image.volume, image.reference.classes, classes_of_labelmap(segmentation.labels)
        )
        seconds = _seconds(segmentation)
        scored = ScoredImage(image.key, source.patient, arms, image.group, held_back, seconds, voxels)
        caption = f"{image.key}, slice {drawn.slice_number} of {drawn.slices}"
        return _Scored(scored, caption, image.reference.statement, drawn.pixels, tuple(chances))

    def _keep_worst(self) -> None:
        """Keep the pictures of the worst images so far on disk and let the others go."""
        order = worst_first(one.image for one in self._done)
        shown = {image.key for image in order[:WORST_SHOWN]}
        (self._folder / PICTURES).mkdir(exist_ok=True)
        for n, one in enumerate(self._done):
            path = self._picture(one.image.key)
            if one.image.key not in shown:
                path.unlink(missing_ok=True)
            elif one.picture is not None:
                write_bytes(path, png_bytes(one.picture))
            self._done[n] = replace(one, picture=None)

    def _picture(self, key: str) -> Path:
        return self._folder / PICTURES / f"case_{key.replace('/', '_')}.png"

    def _outcome(self, found: int, notes: Sequence[str]) -> Outcome:
        images = [one.image for one in self._done]
        worst: list[tuple[ScoredImage, ReportImage]] = []
        captions = {one.image.key: one.caption for one in self._done}
        for image in worst_first(images)[:WORST_SHOWN]:
            with suppress(OSError):  # someone tidied up between two runs: the report goes on without it
                pixels = np.asarray(Image.open(self._picture(image.key)).convert("RGB"), dtype=np.uint8)
                worst.append((image, case_picture(image, captions[image.key], pixels)))
        judged = len({image.key.partition("/")[0] for image in images})
        chances = self._chances()
        figures = figures_of(images) | chance_figures(chances)
        sections = segmentation_sections(images, figures, worst)
        told = chance_section(chances, figures)
        conventions = sorted({one.convention for one in self._done})
        return Outcome(
            kind=self._kind,
            bundle=self._segmenter.bundle,
            patients=len({image.patient for image in images}),
            items=len(images),
            coverage=judged / max(found, 1),
            figures=figures,
            sections=[*sections, *([told] if told else [])],
            facts=_facts(images, conventions, self._segmenter),
            details={
                "cases": [_case_row(image) for image in worst_first(images)],
                "labels": conventions,
                "outline_chances": asdict(chance_table(chances)),
            },
            notes=tuple(notes),
            stored={id(picture): self._picture(image.key).name for image, picture in worst},
        )

    def _chances(self) -> list[OutlineChance]:
        return [
            OutlineChance(one.image.patient, chance, poor, one.image.unseen)
            for one in self._done
            for chance, poor in one.chances
        ]


def _seconds(segmentation: Segmentation) -> dict[str, float]:
    """Return the seconds of each step, of all, and of one reference convolution timed right after."""
    total = sum(segmentation.timings_s.values())
    reference = reference_seconds(segmentation.threads, REFERENCE_RUNS)
    return {**segmentation.timings_s, TOTAL: round(total, 4), REFERENCE: round(reference, 5)}


def _judged(segmentation: Segmentation, volume: Volume, reference: Reference) -> ImageScore:
    return score_image(
        segmentation.labels,
        segmentation.levels,
        reference,
        volume.geometry.spacing,
        lumbar=segmentation.lumbar,
        uncertain=any(problem.code in UNCERTAIN for problem in segmentation.warnings),
    )


def _row(one: _Scored) -> dict[str, Any]:
    image = one.image
    return {
        "key": image.key,
        "patient": image.patient,
        "group": image.group,
        "unseen": image.unseen,
        "seconds": dict(image.seconds),
        "arms": {arm: score.to_json() for arm, score in image.arms.items()},
        "voxels": {name: asdict(table) for name, table in image.voxels.items()},
        "caption": one.caption,
        "convention": one.convention,
        "chances": one.chances,
    }


def _restored(row: Mapping[str, Any]) -> _Scored:
    tables = {name: Reliability(*(tuple(v) for v in t.values())) for name, t in row["voxels"].items()}
    image = ScoredImage(
        row["key"],
        row["patient"],
        {arm: ImageScore.from_json(score) for arm, score in row["arms"].items()},
        row["group"],
        row["unseen"],
        row["seconds"],
        tables,
    )
    chances = tuple((float(chance), bool(poor)) for chance, poor in row.get("chances", ()))
    return _Scored(image, row["caption"], row["convention"], chances=chances)


def _case_row(image: ScoredImage) -> dict[str, Any]:
    native = image.arms[NATIVE]
    row: dict[str, Any] = {
        "case": image.key,
        "patient": image.patient,
        "dice": dict(native.dice),
        "hd95_mm": dict(native.hd95_mm),
        "levels_right": native.levels_right,
        "levels_total": native.levels_total,
        "lumbar": native.lumbar,
        "seconds": image.seconds.get(TOTAL, 0.0),
    }
    if THICK in image.arms:
        row["dice_thick"] = dict(image.arms[THICK].dice)
    if image.unseen is not None:
        row["trained_on"] = not image.unseen
    return row


def _summary(found: Sequence[_Scored]) -> str:
    parts = []
    for one in found:
        score = one.image.arms[NATIVE]
        dice = ", ".join(f"{name} {value:.3f}" for name, value in score.dice.items())
        levels = f", levels {score.levels_right} of {score.levels_total}" if score.levels_total else ""
        parts.append(f"{one.image.group + ' ' if one.image.group else ''}{dice}{levels}")
    return "; ".join(parts)


def _facts(
    images: Sequence[ScoredImage], conventions: Sequence[str], segmenter: Segmenter
) -> tuple[tuple[str, str], ...]:
    trained = sorted({i.patient for i in images if i.unseen is False})
    network = segmenter.network
    known = any(i.unseen is not None for i in images)
    training = (
        ", ".join(trained) if trained else "none of them" if known else "the model's manifest does not tell"
    )
    return (
        ("Labels", "; ".join(conventions)),
        ("Trained on", training),
        ("Network on", f"{network.provider}, {network.threads} threads"),
    )
