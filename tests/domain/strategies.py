"""Random domain values for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.annotations import Formula, Measurement, Provenance
from lvp_workstation.domain.findings import (
    GRID_SCALES,
    SCALES,
    Action,
    Finding,
    FindingKey,
    Proposal,
    ReaderValue,
)
from lvp_workstation.domain.reading import (
    STUDY_ROWS,
    CriticalCommunication,
    Reading,
    ReadingMode,
    ReadingState,
    Reference,
    RevealBy,
    Role,
    Signature,
    TextEntry,
)
from lvp_workstation.domain.study import Patient

TEXT = st.text(max_size=12)
NUMBER = st.floats(-1e6, 1e6) | st.integers(-1000, 1000).map(float)
TARGETS = st.sampled_from(["D1", "D2", "D3", "V1", "STUDY"])
DISCS = st.sampled_from(["D1", "D2", "D3"])
PATIENTS = st.builds(Patient, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT)
POINTS = st.tuples(NUMBER, NUMBER, NUMBER)
PROVENANCES = st.builds(
    Provenance,
    st.sampled_from([Provenance.AI, Provenance.READER]),
    TEXT,
    TEXT,
    TEXT,
    TEXT,
    st.lists(TEXT, max_size=2).map(tuple),
)
MEASUREMENTS = st.builds(
    Measurement,
    TEXT,
    TARGETS,
    st.sampled_from(Formula),
    st.lists(POINTS, max_size=4).map(tuple),
    PROVENANCES,
    st.lists(NUMBER, max_size=2).map(tuple),
    st.none() | NUMBER,
    TEXT,
    TEXT,
    st.lists(TEXT, max_size=2).map(tuple),
)
READER_VALUES = st.builds(ReaderValue, st.sampled_from(Action), PROVENANCES, TEXT, TEXT, st.booleans(), TEXT)
REFERENCES = st.builds(Reference, TEXT, TEXT)
KEYS = st.builds(FindingKey, TARGETS, st.sampled_from(list(SCALES)))
TEXTS = st.builds(TextEntry, TEXT, TEXT, TEXT, st.booleans())
FACTS = st.dictionaries(
    TEXT,
    st.recursive(
        st.none() | st.booleans() | NUMBER | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)


@st.composite
def level_maps(draw: st.DrawFn) -> LevelMap:
    """Level maps of three vertebrae, with every optional field."""
    return LevelMap(
        3,
        draw(st.integers(4, 6)),
        draw(st.integers(11, 13)),
        draw(st.integers(0, 2)),
        draw(st.lists(st.tuples(st.just("V1"), st.just("L6")), max_size=1).map(tuple)),
        draw(st.booleans()),
        draw(TEXT),
        draw(NUMBER),
        draw(st.lists(TEXT, max_size=2).map(tuple)),
        draw(TEXT),
    )


@st.composite
def proposals(draw: st.DrawFn, key: FindingKey | None = None) -> Proposal:
    """Proposals with a grade or withheld."""
    at = key or draw(KEYS)
    grades = SCALES[at.scale].grades
    grade = draw(st.sampled_from(grades))
    share = draw(st.floats(0.3, 1.0))
    rest = (1 - share) / (len(grades) - 1)
    withheld = draw(st.booleans())
    return Proposal(
        at.scale,
        at.target,
        draw(PROVENANCES),
        "" if withheld else grade,
        () if withheld else tuple((g, share if g == grade else rest) for g in grades),
        draw(st.lists(TEXT, max_size=2).map(tuple)),
        "no_axial" if withheld else "",
        draw(TEXT),
        draw(st.booleans()),
    )


@st.composite
def findings(draw: st.DrawFn, key: FindingKey) -> Finding:
    """Findings with any of their parts missing."""
    return Finding(
        key,
        draw(st.none() | proposals(key)),
        draw(st.none() | READER_VALUES),
        draw(st.none() | READER_VALUES),
        draw(st.none() | proposals(key)),
        draw(st.lists(READER_VALUES, max_size=2).map(tuple)),
    )


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """Readings in which every field may be filled or empty."""
    keys = draw(st.lists(KEYS, max_size=3, unique_by=lambda k: (k.target, k.scale)))
    measured = draw(st.lists(MEASUREMENTS, max_size=3))
    rows = st.sampled_from([*STUDY_ROWS, "D1"])
    discs = st.frozensets(DISCS)
    return Reading(
        draw(TEXT),
        draw(TEXT),
        draw(PATIENTS),
        draw(st.sampled_from(ReadingMode)),
        draw(st.sampled_from(ReadingState)),
        draw(st.none() | level_maps()),
        {key: draw(findings(key)) for key in keys},
        {(m.target, m.name): m for m in measured},
        draw(st.dictionaries(rows, TEXTS, max_size=3)),
        draw(discs),
        draw(discs),
        draw(st.lists(st.builds(CriticalCommunication, TEXT, TEXT, TEXT, TEXT), max_size=2).map(tuple)),
        draw(TEXT),
        draw(FACTS),
        draw(st.none() | st.builds(Signature, TEXT, TEXT, TEXT, TEXT)),
        draw(st.sampled_from(Role)),
        draw(st.sampled_from(RevealBy)),
        draw(st.dictionaries(DISCS, TEXT, max_size=2)),
        draw(st.none() | REFERENCES),
        draw(TEXT),
        draw(st.lists(TEXT, max_size=2).map(tuple)),
        draw(st.lists(REFERENCES, max_size=2).map(tuple)),
    )


SCALE_KEYS = st.sampled_from([scale.key for scale in GRID_SCALES])
