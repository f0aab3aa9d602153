"""Every phrase a language file must hold, with the placeholders its text must carry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from lvp_workstation.domain.annotations import UNITS
from lvp_workstation.domain.findings import SCALES
from lvp_workstation.domain.reading import STUDY_ROWS, ReadingMode
from lvp_workstation.domain.report_rows import CHOICES, About
from lvp_workstation.domain.study import SeriesRole

FIXED_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "language": "code name",
        "title": "report ai_draft subject_report subject_draft subject_ai",
        "notice": """
            watermark draft preliminary ai phantom not_device page(page,pages) hash_short(short) renumbered
            not_validated
        """,
        "header": """
            name patient_id issuer birth_date sex age study study_date accession institution referrer
            study_uid unknown_name unknown_id short_id(value) short_born(value) short_study(value)
            short_accession(value)
        """,
        "age": "Y(count) M(count) W(count) D(count)",
        "sex": "M F O",
        "section": """
            patient technique comparison study_findings level_findings impression critical signature
            key_images measurements numbering ai_use ai_open ai_scope ai_grades ai_withheld decisions
            coverage warnings addendum sources
        """,
        "technique": "sequence description images thickness pixel timing analysed yes none",
        "prior_examination": "dated(modality,date) typed",
        "comparison": "none prior(modality,date) prior_described(modality,date,description)",
        "finding": """
            not_assessed level_not_assessed items_not_assessed(items) level roots_column findings_column
            exiting(root) traversing(root) no_levels accepted_mark
            sentence_separator list_separator detail_separator full_stop in_brackets(text,details)
            scales(sources) own_words(items) measured_place(place)
        """,
        "impression": """
            composed composed_in_part older critical(finding) level(level,items) separator none_graded
            none_positive not_validated(items) ai_draft
        """,
        "critical": "finding told_to time who none",
        "addendum": "supersedes reason rests_on signed(reader,role) reading(reading,sha256)",
        "signature": """
            reader utc local sha256 reading_id check unsigned audit audit_value(records,chain) audit_head
        """,
        "key_image": "none identity(name,patient_id,date)",
        "measurement_group": "disc canal recess contour foramen vertebra study other reader",
        "measurement": """
            level name value source none note list_separator by_software reader_mark column(name,unit)
            column_plain(name) sources(sources) source_of(source,names) source_separator
            source_levels(name,levels) distance angle cobb ellipse polygon freehand point arrow text
            disc_height canal_ap slip lordosis part_anterior(value) part_posterior(value)
            part_percent(value) at_level(level,name)
            across(spacing) slab(thickness) sentence(name,value,source) image(number) computed
            signal_at(value) signal(mean,deviation,minimum,maximum)
        """,
        "ai": """
            model model_value(name,version) hash provider time mode counts
            counts_value(accepted,bulk,edited,rejected,open,added) scope no_model hidden_manual
            hidden_locked none_open open_note ai_note ai_note_letters
            remark(level,item,text) item proposed before final reason rejected
            none_differed withheld_row(mark,reason) withheld_column(items,reason)
            grade_and_probability(grade,probability) program program_value(version) coverage_none
            coverage_value(seen,total) coverage_levels(seen,total,levels) series displayed
            remark_words(reason,words) locked_empty locked_empty_value(levels) labels labels_corrected
        """,
        "scope": "grade partial withhold reasons(decision,reasons)",
        "numbering": """
            none statement(statement) alternatives(alternatives) unconfirmed start_sacrum start_none
            body(start,count,confirmation) body_edited(start,count,confirmation) confirmed(reader)
            not_confirmed four five six
        """,
    }
)
"""Group to keys; the placeholders a text must use stand in brackets."""

MEASURES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "disc": (
            "disc_height_anterior",
            "disc_height_middle",
            "disc_height_posterior",
            "disc_height_index",
            "disc_bulge_depth",
            "disc_csf_ratio",
        ),
        "canal": ("canal_ap", "sac_ap", "sac_area", "slip", "slip_percent", "segmental_angle"),
        "recess": (
            "recess_height_left",
            "recess_height_right",
            "recess_angle_left",
            "recess_angle_right",
            "flavum_thickness_left",
            "flavum_thickness_right",
        ),
        "contour": (
            "herniation_depth",
            "herniation_base",
            "herniation_dome",
            "disc_displaced_share",
            "facet_line",
        ),
        "foramen": (
            "foramen_height_left",
            "foramen_height_right",
            "foramen_width_left",
            "foramen_width_right",
        ),
        "vertebra": ("height_anterior", "height_middle", "height_posterior", "depth_superior", "wedge_angle"),
        "study": ("lordosis_l1_s1", "sacral_slope"),
    }
)
"""Measurement names by the table they are printed in."""

PAIRS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "lateral_recess": ("lateral_recess_left", "lateral_recess_right"),
        "foramen": ("foramen_left", "foramen_right"),
    }
)
"""Scales of both sides; equal grades are put into one phrase (``pair.<name>.<grade>.<form>``)."""

CHANGES = ("size", "degree")
"""How a finding may have changed since the earlier examination."""

GRADE_FORMS = ("short", "sentence", "impression")
GRADE_PLACEHOLDERS = frozenset({"level", "upper", "lower", "exiting", "traversing"})
SCALE_FORMS = ("name", "column", "source")

_KEY = re.compile(r"(\w+)(?:\(([\w,]*)\))?")


def required_phrases() -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each required flat key with the placeholders its text must use."""
    for group, keys in FIXED_KEYS.items():
        for name, placeholders in _KEY.findall(keys):
            yield f"{group}.{name}", frozenset(filter(None, placeholders.split(",")))
    for kind, names in (
        ("study_row", STUDY_ROWS),
        ("role", [role.value for role in SeriesRole]),
        ("mode", [mode.value for mode in ReadingMode]),
        ("measure", [name for table in MEASURES.values() for name in table]),
        ("unit", sorted(set(UNITS.values()))),
        ("zone", CHOICES[About.ZONE]),
        ("height", CHOICES[About.HEIGHT]),
        ("direction", CHOICES[About.DIRECTION]),
        ("prior_short.size", CHOICES[About.PRIOR]),
        ("prior_short.degree", CHOICES[About.PRIOR]),
    ):
        yield from ((f"{kind}.{name}", frozenset()) for name in names)
    yield from ((f"prior.{kind}.{v}", frozenset({"prior"})) for kind in CHANGES for v in CHOICES[About.PRIOR])
    yield from ((f"pair.{pair}.name", frozenset()) for pair in PAIRS)
    for scale in SCALES:
        yield from ((f"scale.{scale}.{form}", frozenset()) for form in SCALE_FORMS)


def required_grades() -> Iterator[str]:
    """Yield the flat key of each phrase of a grade; these may use `GRADE_PLACEHOLDERS`."""
    for scale in SCALES.values():
        for grade in scale.grades:
            yield from (f"scale.{scale.key}.grades.{grade}.{form}" for form in GRADE_FORMS)
    for pair, (left, _) in PAIRS.items():
        for grade in SCALES[left].grades:
            yield from (f"pair.{pair}.{grade}.{form}" for form in ("sentence", "impression"))
