"""Sizes of the lumbar spine that the phantom draws from; mm and degrees.

Sources: [Gilad] Gilad 1985; [Bonczar] Bonczar 2024 meta-analysis; [Duman] Duman 2026 CT;
[Panjabi] Panjabi 1992; [Yadav] Yadav 2020 CT; [Shin] Shin 2024 CT; [Griffith] Griffith 2016 CT;
[Pierro] Pierro 2017 MRI; [SciRep] Sci Rep 2022, s41598-022-21840-x; [Supine] PMC6680033.
"our choice" marks values between or beyond what those sources give.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BodySize:
    """Mean size of one vertebra for a person of mean stature, mm."""

    height_anterior: float
    height_posterior: float
    depth: float
    width: float
    canal_ap: float
    canal_width: float
    pedicle_width: float
    pedicle_height: float


# Heights: Gilad and Bonczar blended (T12 Duman, T10-T11 our choice); depth: Panjabi and the
# mean of the morphable SSM (38 mm) blended; width: Panjabi
# and Yadav blended; canal AP: Pierro and Bonczar blended; canal width: Griffith; pedicles: LMG
# scaling law (L5: CT of 196 spines).
BODY_SIZES: dict[str, BodySize] = {
    "T9": BodySize(20.4, 21.2, 29.5, 32.5, 15.5, 18.0, 7.0, 14.0),
    "T10": BodySize(21.2, 22.2, 30.3, 34.2, 15.6, 18.2, 7.2, 14.8),
    "T11": BodySize(22.0, 23.3, 31.2, 36.5, 15.8, 19.0, 7.8, 15.8),
    "T12": BodySize(23.2, 24.6, 33.4, 39.0, 16.0, 20.2, 8.2, 16.0),
    "L1": BodySize(25.0, 26.7, 35.0, 41.0, 16.0, 20.6, 8.4, 15.6),
    "L2": BodySize(26.4, 27.0, 35.9, 43.0, 15.1, 20.9, 8.9, 15.2),
    "L3": BodySize(27.3, 27.2, 36.5, 44.5, 14.5, 21.8, 10.2, 14.8),
    "L4": BodySize(27.2, 26.4, 36.8, 47.0, 14.6, 24.0, 12.6, 14.6),
    "L5": BodySize(28.0, 24.6, 36.4, 48.5, 15.0, 28.8, 16.0, 13.6),
}

BODY_HEIGHT_SD = 2.1
"""Gilad: SD of the anterior height, healthy men."""
BODY_DEPTH_SD = 3.0
BODY_WIDTH_SD = 3.3
CANAL_AP_SD = 2.0
"""Pierro gives 2.2-2.4 over all ages; ours is a little less since pathology is drawn apart."""
CANAL_WIDTH_SD = 2.6
FEMALE_SCALE = 0.935
"""Ratio female to male heights and widths [Duman, Yadav]."""
LEVEL_CORRELATION = 0.7
"""Share of a person's deviation that all levels have in common (our choice)."""

DISC_HEIGHT: dict[str, float] = {
    "T9": 4.6,
    "T10": 5.0,
    "T11": 5.7,
    "T12": 6.8,
    "L1": 7.8,
    "L2": 9.2,
    "L3": 10.2,
    "L4": 10.9,
    "L5": 9.9,
}
"""Middle height of the disc below each vertebra, Pfirrmann I-II: Shin (CT) plus about 1.2 mm towards the
larger MRI values (Nepal n=106, Iran n=14); thoracic ones our choice."""
DISC_HEIGHT_SD = 1.3
DISC_HEIGHT_LOSS = {1: 0.0, 2: 0.0, 3: 0.8, 4: 1.8, 5: 4.2}
"""Loss of middle height by Pfirrmann grade (our choice: grade V is by definition collapsed)."""
DISC_HEIGHT_MINIMUM = 2.2

SEGMENT_LORDOSIS: dict[str, float] = {
    "T9": -3.0,
    "T10": -3.0,
    "T11": -2.0,
    "T12": -1.0,
    "L1": 1.2,
    "L2": 5.9,
    "L3": 9.1,
    "L4": 12.7,
    "L5": 21.6,
}
"""Standing angle between the upper endplates of a vertebra and of the next below [SciRep]."""
SEGMENT_LORDOSIS_SD = 3.0
SUPINE_FACTOR = 0.74
"""Supine over standing lordosis [Supine: 36.8 against 49.8 degrees]."""
STANDING_LORDOSIS = 50.5
LORDOSIS_OVER_SLOPE = 11.0
LORDOSIS_OVER_SLOPE_SD = 6.0
"""Supine lordosis L1-S1 less sacral slope: puts T12 a little behind L5, as in supine MRI (our choice)."""
SACRAL_SLOPE = 32.0
SACRAL_SLOPE_SD = 7.5
"""Supine (our choice: standing 36-41 degrees, scaled like the lordosis)."""

SAC_AREA: dict[str, float] = {
    "T9": 175.0,
    "T10": 180.0,
    "T11": 185.0,
    "T12": 195.0,
    "L1": 190.0,
    "L2": 180.0,
    "L3": 165.0,
    "L4": 155.0,
    "L5": 140.0,
}
"""Dural sac area at the disc below each vertebra, mm2, healthy adult (working prior, our choice)."""
SAC_AREA_SD = 30.0

ENDPLATE_CONCAVITY_UPPER = 1.0
ENDPLATE_CONCAVITY_LOWER = 1.5
ENDPLATE_CONCAVITY_SD = 0.35
WAIST_ANTERIOR = 1.8
WAIST_POSTERIOR = 0.8
"""Depth by which the wall of a body is hollow at mid height (our choice)."""

SPINOUS_LENGTH = 29.0
SPINOUS_HEIGHT = 17.5
TRANSVERSE_SPAN: dict[str, float] = {
    "T9": 56.0,
    "T10": 54.0,
    "T11": 52.0,
    "T12": 56.0,
    "L1": 74.2,
    "L2": 88.8,
    "L3": 96.9,
    "L4": 96.8,
    "L5": 97.5,
}
"""Span of the transverse processes [Lavecchia, LMG]; thoracic ones our choice."""

LUMBAR_COUNT_PROBABILITY = {4: 0.08, 5: 0.84, 6: 0.08}
"""Domain-randomised mixture, richer in variants than a population (sacralisation about 12 %)."""
PFIRRMANN_DISTRIBUTION = (0.14, 0.26, 0.27, 0.28, 0.05)
"""Grades I-V among discs of patients with low back pain (494 discs, ESR poster)."""
