"""What is written to JSON comes back equal, and its canonical form does not move."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvp_workstation.domain import codec
from lvp_workstation.domain.edits import Change, Edit, edit_from_plain, edit_to_plain
from lvp_workstation.domain.label_delta import LabelDelta
from lvp_workstation.domain.reading import Reading
from tests.domain import strategies


@given(strategies.readings())
@settings(max_examples=60, deadline=None)
def test_a_reading_comes_back_equal_and_its_canonical_form_is_stable(reading: Reading) -> None:
    text = codec.dumps(reading)
    again = codec.loads(Reading, text)
    assert again == reading
    assert codec.dumps(again) == text
    assert codec.sha256_of(again) == codec.sha256_of(reading)


@given(strategies.readings(), strategies.readings())
@settings(max_examples=40, deadline=None)
def test_an_edit_of_every_field_comes_back_equal(before: Reading, after: Reading) -> None:
    changes = []
    for field in fields(Reading):
        old, new = getattr(before, field.name), getattr(after, field.name)
        changes.append(Change(field.name, old, new))
        if isinstance(old, Mapping):
            entries = sorted({*old, *new}, key=str)
            changes += [Change(field.name, old.get(key), new.get(key), key) for key in entries]
    delta = LabelDelta((2, 3, 4), ((0, 3, 0, 101), (7, 1, 2, 0)))
    edit = Edit("id", "kind", "words", "reader A", "2026-01-01T00:00:00Z", tuple(changes), delta, False)
    text = json.dumps(edit_to_plain(edit))
    assert edit_from_plain(json.loads(text)) == edit
    assert edit.inverted().inverted() == edit
    bare = Edit("id", "kind", "words", "reader A", "2026-01-01T00:00:00Z", ())
    assert edit_from_plain(edit_to_plain(bare)) == bare


@dataclass(frozen=True)
class Nested:
    """Every kind of annotation the converter knows."""

    plain: str
    maybe: float | None
    pair: tuple[int, str]
    many: tuple[tuple[int, ...], ...]
    names: frozenset[str]
    inner: Mapping[str, tuple[float, ...]]
    by_pair: Mapping[tuple[str, int], frozenset[str] | None]
    items: list[float]


@given(
    st.builds(
        Nested,
        st.text(),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.tuples(st.integers(), st.text()),
        st.lists(st.lists(st.integers()).map(tuple)).map(tuple),
        st.frozensets(st.text()),
        st.dictionaries(st.text(), st.lists(st.floats(-1, 1)).map(tuple)),
        st.dictionaries(st.tuples(st.text(), st.integers()), st.none() | st.frozensets(st.text())),
        st.lists(st.floats(-1, 1)),
    )
)
@settings(max_examples=50, deadline=None)
def test_optional_tuple_set_and_mapping_come_back_equal(value: Nested) -> None:
    assert codec.loads(Nested, codec.dumps(value)) == value


def test_the_order_of_entries_does_not_change_the_canonical_form() -> None:
    assert codec.dumps({"b": 1, "a": 2}) == codec.dumps({"a": 2, "b": 1}) == '{"a":2,"b":1}'
    assert codec.dumps(frozenset({"y", "x"})) == '["x","y"]'


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="ndarray"):
        codec.to_plain(np.zeros(2))
    with pytest.raises(ValueError, match=r"Out of range|JSON"):
        codec.dumps(math.nan)


def test_a_field_that_this_version_does_not_know_is_skipped() -> None:
    data = codec.to_plain(Nested("a", None, (1, "b"), (), frozenset(), {}, {}, []))
    assert codec.from_plain(Nested, {**data, "later": 1}) == codec.from_plain(Nested, data)
