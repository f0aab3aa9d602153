"""Phantom readings for the tests of the report."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lvp_workstation.domain import accept_normal as bulk
from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain import reading_protocol as protocol
from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.annotations import Formula, Measurement, Provenance
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import Edit
from lvp_workstation.domain.findings import GRID_SCALES, FindingKey, Proposal
from lvp_workstation.domain.reading import CriticalCommunication, Reading, ReadingMode
from lvp_workstation.domain.study import Patient
from lvp_workstation.report.document import ReportImage
from lvp_workstation.report.facts import CoverageFact, ModelFact, ScopeFact, SeriesFact, StudyFacts
from lvp_workstation.report.seal import sealed_signature

NOW = "2026-11-21T09:30:00Z"
READER = "PHANTOM READER"
AUTHOR = Author(READER, NOW)
MODEL = Provenance(Provenance.AI, "lumbar_vnet", NOW, "1.0.0", "ab" * 32)
PATIENT = Patient("PHANTOM-0042", "LVP", "PHANTOM^DEGENERATE", "19610304", "F", "065Y")

FACTS = StudyFacts(
    study_date="20261120",
    study_time="1412",
    description="MRI lumbar spine",
    accession_number="ACC-77",
    institution="Phantom Institute",
    referring_physician="PHANTOM^REFERRER",
    series=(
        SeriesFact("sag_t2", "t2_tse_sag", 3, 15, 4.0, 4.4, 0.67, 3500, 102, True, "1.2.3"),
        SeriesFact("sag_t1", "t1_tse_sag", 4, 15, 4.0, 4.4, 0.67, 550, 11, False, "1.2.4"),
        SeriesFact("ax_t2", "t2_tse_tra discs", 5, 20, 3.5, 3.9, 0.5, 4200, 98, False, "1.2.5"),
    ),
    model=ModelFact("lumbar_vnet", "1.0.0", "ab" * 32, "CPU", NOW),
    scope=ScopeFact("partial", ("no axial T2 of L1-L2",)),
    coverage=(CoverageFact("SAG T2", 15, 15), CoverageFact("AX T2", 12, 20)),
    warnings=("Slice gap of 0.4 mm.",),
    program_version="0.1.0",
)

_GRADES = {
    "D1": ("4", "protrusion", "moderate", "mild", "severe", "normal", "mild", "1", "1"),
    "D2": ("5", "extrusion", "severe", "severe", "moderate", "moderate", "mild", "0", "2"),
    "D3": ("3", "bulge", "mild", "normal", "normal", "normal", "normal", "0", "0"),
}
_NORMAL = ("2", "none", "normal", "normal", "normal", "normal", "normal", "0", "0")


def proposal(target: str, scale: str, grade: str, validated: bool = True) -> Proposal:
    """Return a proposal with probability 0.8 for its grade."""
    grades = next(s.grades for s in GRID_SCALES if s.key == scale)
    rest = 0.2 / (len(grades) - 1)
    probabilities = tuple((g, 0.8 if g == grade else rest) for g in grades)
    return Proposal(
        scale, target, MODEL, grade, probabilities, ("canal_ap",), validated_on_patients=validated
    )


def withheld(target: str, scale: str) -> Proposal:
    """Return a proposal that gives no grade."""
    return Proposal(scale, target, MODEL, not_assessable="no_axial", text="no axial T2 covers this level")


def proposals(count: int = 7, validated: bool = True) -> list[Proposal]:
    """Return a proposal for every scale of every level."""
    made = []
    for n in range(1, count + 1):
        for scale, grade in zip(GRID_SCALES, _GRADES.get(f"D{n}", _NORMAL), strict=True):
            made.append(proposal(f"D{n}", scale.key, grade, validated))
    made[-9] = withheld(f"D{count}", "pfirrmann")
    return made


def measurements(count: int = 7) -> dict[tuple[str, str], Measurement]:
    """Return a few measurements of every level, and one of the whole study."""
    made = []
    for n in range(1, count + 1):
        for name, size in (
            ("disc_height_anterior", 9.4),
            ("disc_height_middle", 8.2),
            ("disc_height_posterior", 6.1),
            ("canal_ap", 13.2),
            ("sac_ap", 10.4),
        ):
            points = ((0.0, 0.0, 0.0), (0.0, size + n / 10, 0.0))
            made.append(Measurement(name, f"D{n}", Formula.DISTANCE, points, MODEL, (), 0.4, "sagittal T2"))
        square = ((0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (10.0, 8.4, 0.0), (0.0, 8.4, 0.0))
        made.append(Measurement("sac_area", f"D{n}", Formula.POLYGON_AREA, square, MODEL, source="axial T2"))
        slip = ((0.0, 0.0, 0.0), (0.0, -3.4, 0.0), (0.0, 0.0, 0.0), (0.0, 35.0, 0.0))
        made.append(Measurement("slip", f"D{n}", Formula.SIGNED_DISTANCE, slip, MODEL))
        made.append(Measurement("slip_percent", f"D{n}", Formula.SIGNED_PERCENT, slip, MODEL))
        tall = ((0.0, 0.0, 0.0), (0.0, 0.0, 27.0))
        made.append(Measurement("height_anterior", f"V{n}", Formula.DISTANCE, tall, MODEL))
    angle = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 2.0, 0.0))
    made.append(Measurement("lordosis_l1_s1", "STUDY", Formula.ANGLE, angle, MODEL))
    return {(m.target, m.name): m for m in made}


def analysed(
    count: int = 7,
    mode: ReadingMode = ReadingMode.CONCURRENT,
    validated: bool = True,
    facts: StudyFacts = FACTS,
) -> Reading:
    """Return a draft reading with an AI result and nothing decided."""
    reading = Reading("reading-0001", "1.2.826.0.1.3680043.8.498.1", PATIENT, mode)
    levels = LevelMap(count, confidence=0.9, alternatives=("four lumbar bodies: L5-S1 would be L4-S1",))
    return edits.attach_analysis(
        reading,
        levels,
        measurements(count),
        proposals(count, validated),
        facts.to_plain(),
        "cd" * 32,
        AUTHOR,
    ).applied(reading)


def run(reading: Reading, *made: Edit) -> Reading:
    """Return the reading after edits that were made from it."""
    for edit in made:
        reading = edit.applied(reading)
    return reading


def grade(reading: Reading, target: str, scale: str, value: str) -> Reading:
    """Return the reading with a grade set by the reader."""
    return edits.set_grade(reading, FindingKey(target, scale), value, AUTHOR).applied(reading)


def typed(reading: Reading, row: str, text: str) -> Reading:
    """Return the reading with words of the reader."""
    return edits.set_text(reading, row, text, AUTHOR).applied(reading)


def read(reading: Reading) -> Reading:
    """Return a reading of two levels with accepted, edited, rejected and open proposals."""
    for scale in ("pfirrmann", "herniation", "central_canal", "lateral_recess_left", "modic"):
        reading = edits.accept(reading, FindingKey("D2", scale), AUTHOR).applied(reading)
    reading = grade(reading, "D1", "herniation", "bulge")
    reading = grade(reading, "D1", "central_canal", "moderate")
    reading = edits.reject(reading, FindingKey("D1", "modic"), AUTHOR, "artefact").applied(reading)
    reading = bulk.accept_normal(reading, ["D5"], AUTHOR).applied(reading)
    reading = typed(reading, "clinical_information", "Left leg pain for six weeks, weakness of the big toe.")
    reading = typed(reading, "conus", "Conus ends at the level of L1; cauda equina crowded at L4-L5.")
    return typed(reading, "D2", "Fragment behind the body of L5, 6 mm, displaces the left L5 root.")


def told(reading: Reading) -> Reading:
    """Return the reading with a critical communication."""
    entry = CriticalCommunication(
        "Cauda equina compression at L4-L5", "PHANTOM WARD, by phone", "2026-11-21 10:35", READER
    )
    return edits.add_critical(reading, entry, AUTHOR).applied(reading)


def signed(reading: Reading) -> Reading:
    """Return the reading with its numbering confirmed, signed."""
    reading = edits.confirm_numbering(reading, AUTHOR).applied(reading)
    signature = sealed_signature(reading, READER, NOW, "2026-11-21 10:30 (+01:00)")
    return protocol.sign(reading, signature, AUTHOR).applied(reading)


def images(ai: bool = True) -> tuple[ReportImage, ...]:
    """Return two placeholder pictures."""
    ramp = np.tile(np.linspace(20, 220, 300, dtype=np.uint8)[:, None, None], (1, 260, 3))
    disc = ramp.copy()
    disc[100:180, 60:200, 1] = 40
    return (
        ReportImage(ramp, "Sagittal T2, slice 8 of 15, with level labels", 1.0, False),
        ReportImage(disc, "Axial T2 at L4-L5, slice 14 of 20, computed overlay", 1.0, ai, "D2"),
    )


def phantom_facts(facts: StudyFacts = FACTS) -> StudyFacts:
    """Return the facts of a synthetic study."""
    return replace(facts, synthetic=True)
