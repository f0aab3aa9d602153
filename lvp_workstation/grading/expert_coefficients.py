"""Weights of the models with expert grades; ``models.grading.fit_experts`` writes them.

Fitted to the expert grades of 174 SPIDER patients (1181 discs, T2), measured on single mid-sagittal
slices with the shipped V-Net's masks; ridge-penalised (cumulative) logistic regression by maximum likelihood,
features standardised. Figures: pooled out-of-fold predictions, 5 folds by patient, 95 % bootstrap over
patients. Data: van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

PFIRRMANN = OrdinalModel(
    "pfirrmann",
    (
        Term("learned_pfirrmann_2", 2.7699, 2.3281, 0.4121),
        Term("learned_pfirrmann_3", 0.5408, 3.1081, 0.2161),
        Term("learned_pfirrmann_4", -2.3185, 3.1642, 0.2706),
        Term("learned_pfirrmann_5", -4.9859, 3.0683, 0.6661),
        Term("log_marrow", -0.7181, 0.6438, -0.3136),
        Term("log_csf", -1.3845, 0.6565, -0.5703),
        Term("log_annulus", 0.7357, 0.5068, -0.2347),
        Term("marrow_against_others", -0.0427, 0.4543, -0.0993),
        Term("others_marrow", -0.6754, 0.5599, -0.285),
        Term("texture_middle", -0.7587, 0.6748, -0.0156),
        Term("texture_bright", -0.4141, 0.5639, 0.1341),
        Term("texture_band", 0.9218, 0.1842, 0.0945),
        Term("texture_spread", 0.2719, 0.1408, 0.4202),
        Term("height_body", 0.3297, 0.1048, -0.5831),
        Term("height_spine", 1.013, 0.3266, 0.1933),
        Term("aspect", 0.2042, 0.0701, -0.2382),
        Term("posterior_aspect", 0.1758, 0.0622, 0.1623),
        Term("displacement", 1.474, 1.7424, 0.0272),
        Term("most_near_max", 0.1072, 0.1499, 0.1832),
        Term("least_near_min", -0.2674, 0.2236, -0.1399),
        Term("most_line", -1.709, 0.5841, 0.0199),
        Term("most_rough", 0.3132, 0.2212, 0.1793),
        Term("most_hollow", 1.3693, 1.0877, 0.16),
        Term("position", 3.8159, 1.7998, -0.3013),
        Term("lowest", 0.1459, 0.353, -0.0034),
    ),
    (-3.7694, -1.1639, 1.8737, 4.7262),
    ("log_marrow",),
)
"""pfirrmann:
n 1179 (98.0% of discs), within one 0.969, quadratic kappa 0.818 (0.783 to 0.847), ECE 0.032."""

DISPLACED = OrdinalModel(
    "displaced",
    (
        Term("learned_displaced", -0.2724, 2.9886, 0.6762),
        Term("learned_bulging", -0.4426, 2.5253, 0.6677),
        Term("displacement", 1.474, 1.7424, 0.2092),
        Term("canal_gap", 3.7728, 3.7126, 0.0228),
        Term("canal_gap_middle", 2.3985, 2.0262, 0.1744),
        Term("sac_relative", 0.8102, 0.1993, 0.0225),
        Term("sac_spine", 1.0125, 0.4688, 0.049),
        Term("sac_least", 10.6814, 3.344, -0.1466),
        Term("log_marrow", -0.7181, 0.6438, -0.1613),
        Term("log_csf", -1.3839, 0.6565, -0.103),
        Term("log_annulus", 0.735, 0.5071, -0.3214),
        Term("marrow_against_others", -0.0427, 0.4543, -0.0682),
        Term("others_marrow", -0.6754, 0.5596, -0.1294),
        Term("texture_bright", -0.4141, 0.5639, -0.1089),
        Term("height_spine", 1.013, 0.3266, -0.0852),
        Term("posterior_aspect", 0.1758, 0.0622, -0.2881),
        Term("position", 3.8112, 1.802, -0.2573),
        Term("lowest", 0.1473, 0.3544, -0.304),
        Term("position_square", 17.7722, 13.3583, -0.5348),
    ),
    (-0.3666,),
    (),
)
"""disc_bulging:
n 1181 (98.2% of discs), 567 yes, AUC 0.903 (0.883 to 0.920), ECE 0.054."""

HERNIATED = OrdinalModel(
    "herniated",
    (
        Term("learned_herniated", -4.4645, 2.0991, 0.5346),
        Term("learned_displaced", -0.2724, 2.9886, 0.427),
        Term("displacement", 1.474, 1.7424, 0.1998),
        Term("canal_gap", 3.7728, 3.7126, -0.0248),
        Term("canal_gap_middle", 2.3985, 2.0262, 0.1452),
        Term("sac_relative", 0.8102, 0.1993, -0.0466),
        Term("sac_spine", 1.0125, 0.4688, -0.2168),
        Term("sac_least", 10.6814, 3.344, -0.1169),
        Term("log_marrow", -0.7181, 0.6438, 0.169),
        Term("log_csf", -1.3839, 0.6565, 0.1069),
        Term("log_annulus", 0.735, 0.5071, -0.1979),
        Term("marrow_against_others", -0.0427, 0.4543, -0.0629),
        Term("others_marrow", -0.6754, 0.5596, 0.2467),
        Term("texture_bright", -0.4141, 0.5639, 0.1931),
        Term("texture_spread", 0.2719, 0.1408, 0.0359),
        Term("height_spine", 1.013, 0.3266, -0.2853),
        Term("posterior_aspect", 0.1758, 0.0622, -0.0572),
        Term("position", 3.8112, 1.802, -0.693),
        Term("lowest", 0.1473, 0.3544, -0.2019),
    ),
    (3.814,),
    (),
)
"""disc_herniation:
n 1181 (98.2% of discs), 61 yes, AUC 0.844 (0.807 to 0.883), ECE 0.011."""

NARROWED = OrdinalModel(
    "narrowed",
    (
        Term("learned_narrowed", -1.6353, 2.9235, 0.6827),
        Term("learned_pfirrmann_5", -4.9863, 3.0695, 0.6947),
        Term("height_body", 0.3297, 0.1048, -0.4307),
        Term("height_spine", 1.013, 0.3266, -0.2084),
        Term("posterior_body", 0.1909, 0.0802, -0.2149),
        Term("anterior_aspect", 0.2181, 0.0819, -0.1989),
        Term("middle_aspect", 0.2314, 0.089, -0.0478),
        Term("posterior_aspect", 0.1758, 0.0622, -0.3202),
        Term("log_marrow", -0.7175, 0.6441, -0.3504),
        Term("log_csf", -1.3841, 0.6566, -0.1647),
        Term("texture_bright", -0.4141, 0.5639, 0.0633),
        Term("others_marrow", -0.6752, 0.56, 0.2053),
        Term("most_near_max", 0.1072, 0.1499, 0.0179),
        Term("least_near_min", -0.2674, 0.2236, -0.1663),
        Term("most_line", -1.709, 0.5841, 0.5006),
        Term("least_line", -1.9309, 0.5796, -0.1294),
        Term("most_rough", 0.3132, 0.2212, 0.1651),
        Term("most_step", 0.6135, 0.4318, 0.2155),
        Term("most_hollow", 1.3693, 1.0877, 0.0037),
        Term("least_hollow", 0.2257, 1.0434, -0.1158),
        Term("position", 3.8156, 1.7994, -0.9705),
        Term("lowest", 0.1461, 0.3532, -0.3794),
    ),
    (1.018,),
    ("middle_aspect",),
)
"""disc_narrowing:
n 1177 (97.8% of discs), 418 yes, AUC 0.934 (0.917 to 0.949), ECE 0.024."""

MODIC = OrdinalModel(
    "modic",
    (
        Term("learned_modic", -1.3036, 1.7328, 0.8162),
        Term("log_marrow", -0.7175, 0.6441, -0.4082),
        Term("log_csf", -1.3841, 0.6566, 0.2948),
        Term("log_annulus", 0.7369, 0.5065, 0.0284),
        Term("marrow_against_others", -0.0424, 0.4544, 0.0146),
        Term("others_marrow", -0.6752, 0.56, -0.4712),
        Term("height_body", 0.3297, 0.1048, -0.4344),
        Term("height_spine", 1.013, 0.3266, 0.0708),
        Term("posterior_body", 0.1909, 0.0802, -0.1084),
        Term("aspect", 0.2042, 0.0701, 0.223),
        Term("displacement", 1.474, 1.7424, -0.0229),
        Term("sac_relative", 0.8102, 0.1993, -0.0121),
        Term("canal_gap", 3.7728, 3.7126, 0.1633),
        Term("most_near_max", 0.1072, 0.1499, 0.3564),
        Term("most_near_min", -0.1291, 0.1584, 0.0873),
        Term("most_line", -1.709, 0.5841, -0.0076),
        Term("most_rough", 0.3132, 0.2212, 0.1194),
        Term("most_hollow", 1.3693, 1.0877, 0.1888),
        Term("least_near_max", -0.0048, 0.1312, 0.0377),
        Term("least_near_min", -0.2674, 0.2236, -0.1656),
        Term("least_line", -1.9309, 0.5796, 0.0439),
        Term("least_rough", 0.1883, 0.1237, 0.0306),
        Term("least_hollow", 0.2257, 1.0434, 0.0678),
        Term("position", 3.8156, 1.7994, -0.449),
        Term("lowest", 0.1461, 0.3532, -0.3067),
    ),
    (1.1108,),
    ("most_near_max",),
)
"""modic_any:
n 1177 (97.8% of discs), 376 yes, AUC 0.831 (0.792 to 0.866), ECE 0.028."""

SLIPPED = OrdinalModel(
    "slipped",
    (
        Term("learned_slipped", -3.502, 1.3671, 0.1675),
        Term("forward", 0.4681, 1.3479, 0.3244),
        Term("backward", 0.9548, 1.2883, 0.0163),
        Term("forward_both", 0.2056, 0.8609, 0.3653),
        Term("backward_both", 0.6435, 0.9441, -0.011),
        Term("corners_apart", 1.5912, 1.761, 0.0516),
        Term("log_marrow", -0.7175, 0.6441, -0.0436),
        Term("log_csf", -1.3841, 0.6566, -0.0145),
        Term("log_annulus", 0.7369, 0.5065, -0.0968),
        Term("height_body", 0.3297, 0.1048, -0.107),
        Term("height_spine", 1.013, 0.3266, -0.0993),
        Term("posterior_aspect", 0.1758, 0.0622, 0.0361),
        Term("displacement", 1.474, 1.7424, 0.1095),
        Term("canal_gap", 3.7728, 3.7126, 0.1155),
        Term("sac_relative", 0.8102, 0.1993, -0.0515),
        Term("sac_spine", 1.0125, 0.4688, -0.0265),
        Term("position", 3.8156, 1.7994, -0.1263),
        Term("lowest", 0.1461, 0.3532, 0.0616),
    ),
    (3.9988,),
    ("posterior_aspect",),
)
"""slip_any:
n 1177 (97.8% of discs), 31 yes, AUC 0.836 (0.754 to 0.908), ECE 0.010."""

ENDPLATE = OrdinalModel(
    "endplate",
    (
        Term("learned_own", -0.884, 1.5212, 0.1557),
        Term("learned_other", -0.884, 1.5212, 0.1672),
        Term("learned_modic", -1.3036, 1.7328, 0.4959),
        Term("others_endplate", -0.8826, 1.1985, -0.3534),
        Term("others_modic", -1.3029, 1.2908, 0.1148),
        Term("own_near_max", 0.0512, 0.1523, 0.0143),
        Term("own_near_min", -0.1998, 0.2068, -0.0428),
        Term("own_near_spread", 0.2345, 0.0813, 0.1563),
        Term("own_mid_max", 0.1193, 0.1186, 0.0255),
        Term("own_mid_min", -0.1474, 0.1682, 0.0562),
        Term("own_line", -1.8183, 0.59, 0.0878),
        Term("own_line_spread", 0.392, 0.1607, 0.0778),
        Term("own_core_spread", 0.195, 0.1001, 0.0205),
        Term("own_rough", 0.2507, 0.1898, 0.2201),
        Term("own_step", 0.4921, 0.3697, 0.0323),
        Term("own_hollow", 0.7975, 1.2095, -0.023),
        Term("other_near_max", 0.0512, 0.1523, 0.117),
        Term("other_near_min", -0.1998, 0.2068, -0.1545),
        Term("other_line", -1.8183, 0.59, 0.1478),
        Term("other_rough", 0.2507, 0.1898, 0.441),
        Term("other_hollow", 0.7975, 1.2095, 0.1405),
        Term("log_marrow", -0.7175, 0.6441, -0.2883),
        Term("log_csf", -1.3841, 0.6566, 0.008),
        Term("log_annulus", 0.7369, 0.5065, 0.0443),
        Term("marrow_against_others", -0.0424, 0.4544, -0.0436),
        Term("others_marrow", -0.6752, 0.56, -0.2985),
        Term("height_body", 0.3297, 0.1048, -0.2309),
        Term("height_spine", 1.013, 0.3266, 0.113),
        Term("aspect", 0.2042, 0.0701, -0.1442),
        Term("displacement", 1.474, 1.7424, -0.0293),
        Term("sac_relative", 0.8102, 0.1993, -0.0184),
        Term("position", 3.8156, 1.7994, 0.2356),
        Term("lowest", 0.1461, 0.3532, -0.1883),
        Term("is_upper", 0.5, 0.5, -0.0174),
    ),
    (0.6137,),
    ("aspect",),
)
"""endplate_upper:
n 1177 (97.8% of discs), 446 yes, AUC 0.802 (0.759 to 0.841), ECE 0.034.
endplate_lower:
n 1177 (97.8% of discs), 452 yes, AUC 0.805 (0.763 to 0.843), ECE 0.037."""
