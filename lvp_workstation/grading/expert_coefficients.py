"""Weights of the models with expert grades; ``models.grading.fit_experts`` writes them.

Fitted to the expert grades of 174 SPIDER patients (1179 discs, T2), measured on single mid-sagittal
slices with the shipped V-Net's masks; ridge-penalised (cumulative) logistic regression by maximum likelihood,
features standardised. Figures: pooled out-of-fold predictions, 5 folds by patient, 95 % bootstrap over
patients. Data: van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

PFIRRMANN = OrdinalModel(
    "pfirrmann",
    (
        Term("log_marrow", -0.7204, 0.6331, -0.4902),
        Term("log_csf", -1.3794, 0.6476, -0.6827),
        Term("log_annulus", 0.7429, 0.5004, -0.3302),
        Term("marrow_against_others", -0.0435, 0.4394, -0.1916),
        Term("others_marrow", -0.6772, 0.5615, -0.3844),
        Term("texture_middle", -0.7622, 0.6796, -0.1757),
        Term("texture_bright", -0.4212, 0.5669, -0.1013),
        Term("texture_band", 0.9316, 0.1953, 0.2189),
        Term("texture_spread", 0.2716, 0.1334, 0.4331),
        Term("height_body", 0.3362, 0.1131, -0.72),
        Term("height_spine", 1.0194, 0.3319, 0.2266),
        Term("aspect", 0.2084, 0.0735, -0.3126),
        Term("posterior_aspect", 0.18, 0.0711, -0.0401),
        Term("displacement", 1.5446, 1.8625, 0.1795),
        Term("most_near_max", 0.1132, 0.1518, 0.2393),
        Term("least_near_min", -0.2638, 0.2407, -0.2619),
        Term("most_line", -1.6987, 0.5767, 0.0776),
        Term("most_rough", 0.3193, 0.2169, 0.1956),
        Term("most_hollow", 1.3481, 1.0152, 0.1359),
        Term("position", 3.8083, 1.7988, -0.6026),
        Term("lowest", 0.1467, 0.3538, -0.1313),
    ),
    (-3.5742, -1.0302, 1.8384, 4.4038),
    ("log_marrow",),
)
"""pfirrmann:
n 1179 (98.0% of discs), within one 0.960, quadratic kappa 0.801 (0.767 to 0.830), ECE 0.033."""

DISPLACED = OrdinalModel(
    "displaced",
    (
        Term("displacement", 1.5446, 1.8625, 0.5077),
        Term("canal_gap", 4.5514, 6.3311, 0.1141),
        Term("canal_gap_middle", 2.7611, 3.0481, 0.3637),
        Term("sac_relative", 0.8277, 0.2268, -0.196),
        Term("sac_spine", 1.0114, 0.4426, 0.2949),
        Term("sac_least", 10.6215, 3.621, -0.1278),
        Term("log_marrow", -0.7204, 0.6331, -0.3785),
        Term("log_csf", -1.3794, 0.6476, -0.1589),
        Term("log_annulus", 0.7429, 0.5004, -0.391),
        Term("marrow_against_others", -0.0435, 0.4394, -0.2571),
        Term("others_marrow", -0.6772, 0.5615, -0.2299),
        Term("texture_bright", -0.4212, 0.5669, -0.363),
        Term("height_spine", 1.0194, 0.3319, 0.0123),
        Term("posterior_aspect", 0.18, 0.0711, -0.4251),
        Term("position", 3.8083, 1.7988, -0.4372),
        Term("lowest", 0.1467, 0.3538, -0.5862),
        Term("position_square", 17.7388, 13.3331, -0.8443),
    ),
    (-0.5562,),
    (),
)
"""disc_bulging:
n 1179 (98.0% of discs), 566 yes, AUC 0.898 (0.878 to 0.917), ECE 0.045."""

HERNIATED = OrdinalModel(
    "herniated",
    (
        Term("displacement", 1.5446, 1.8625, 0.4916),
        Term("canal_gap", 4.5514, 6.3311, 0.1594),
        Term("canal_gap_middle", 2.7611, 3.0481, 0.0735),
        Term("sac_relative", 0.8277, 0.2268, -0.0214),
        Term("sac_spine", 1.0114, 0.4426, -0.173),
        Term("sac_least", 10.6215, 3.621, -0.1119),
        Term("log_marrow", -0.7204, 0.6331, 0.0819),
        Term("log_csf", -1.3794, 0.6476, 0.0666),
        Term("log_annulus", 0.7429, 0.5004, -0.1254),
        Term("marrow_against_others", -0.0435, 0.4394, -0.2111),
        Term("others_marrow", -0.6772, 0.5615, 0.2687),
        Term("texture_bright", -0.4212, 0.5669, 0.0009),
        Term("texture_spread", 0.2716, 0.1334, 0.0799),
        Term("height_spine", 1.0194, 0.3319, -0.1439),
        Term("posterior_aspect", 0.18, 0.0711, -0.3636),
        Term("position", 3.8083, 1.7988, -0.7979),
        Term("lowest", 0.1467, 0.3538, -0.3712),
    ),
    (3.6424,),
    (),
)
"""disc_herniation:
n 1179 (98.0% of discs), 60 yes, AUC 0.863 (0.824 to 0.904), ECE 0.009."""

NARROWED = OrdinalModel(
    "narrowed",
    (
        Term("height_body", 0.3365, 0.1127, -0.7101),
        Term("height_spine", 1.0198, 0.3302, -0.1502),
        Term("posterior_body", 0.1946, 0.099, -0.1626),
        Term("anterior_aspect", 0.2207, 0.0823, -0.2753),
        Term("middle_aspect", 0.2354, 0.0897, -0.0076),
        Term("posterior_aspect", 0.18, 0.0711, -0.5795),
        Term("log_marrow", -0.7182, 0.6318, -0.7304),
        Term("log_csf", -1.3777, 0.647, -0.2566),
        Term("texture_bright", -0.4212, 0.5669, -0.273),
        Term("others_marrow", -0.6762, 0.5614, 0.1314),
        Term("most_near_max", 0.1132, 0.1518, 0.0941),
        Term("least_near_min", -0.2638, 0.2407, -0.2577),
        Term("most_line", -1.6987, 0.5767, 0.3027),
        Term("least_line", -1.9199, 0.5769, 0.2002),
        Term("most_rough", 0.3193, 0.2169, 0.139),
        Term("most_step", 0.6329, 0.4156, 0.3306),
        Term("most_hollow", 1.3481, 1.0152, 0.0003),
        Term("least_hollow", 0.2508, 0.9846, -0.0791),
        Term("position", 3.8138, 1.7972, -1.2428),
        Term("lowest", 0.1454, 0.3525, -0.4002),
    ),
    (1.0468,),
    ("middle_aspect",),
)
"""disc_narrowing:
n 1176 (97.8% of discs), 416 yes, AUC 0.921 (0.905 to 0.939), ECE 0.027."""

MODIC = OrdinalModel(
    "modic",
    (
        Term("log_marrow", -0.7182, 0.6318, -0.685),
        Term("log_csf", -1.3777, 0.647, 0.3052),
        Term("log_annulus", 0.743, 0.5001, -0.0324),
        Term("marrow_against_others", -0.0422, 0.4388, -0.1109),
        Term("others_marrow", -0.6762, 0.5614, -0.6845),
        Term("height_body", 0.3365, 0.1127, -0.4769),
        Term("height_spine", 1.0198, 0.3302, 0.1134),
        Term("posterior_body", 0.1946, 0.099, -0.1548),
        Term("aspect", 0.2084, 0.0735, 0.0651),
        Term("displacement", 1.5394, 1.8555, 0.0681),
        Term("sac_relative", 0.8277, 0.2268, -0.0885),
        Term("canal_gap", 4.5225, 6.3004, 0.0814),
        Term("most_near_max", 0.1132, 0.1518, 0.3798),
        Term("most_near_min", -0.1243, 0.1595, 0.0679),
        Term("most_line", -1.6987, 0.5767, 0.0951),
        Term("most_rough", 0.3193, 0.2169, 0.2026),
        Term("most_hollow", 1.3481, 1.0152, 0.2031),
        Term("least_near_max", 0.0008, 0.1339, -0.0577),
        Term("least_near_min", -0.2638, 0.2407, -0.0345),
        Term("least_line", -1.9199, 0.5769, 0.0023),
        Term("least_rough", 0.1975, 0.1315, 0.0997),
        Term("least_hollow", 0.2508, 0.9846, -0.0233),
        Term("position", 3.8138, 1.7972, -0.6244),
        Term("lowest", 0.1454, 0.3525, -0.4361),
    ),
    (1.0665,),
    ("most_near_max",),
)
"""modic_any:
n 1176 (97.8% of discs), 377 yes, AUC 0.827 (0.787 to 0.862), ECE 0.014."""

SLIPPED = OrdinalModel(
    "slipped",
    (
        Term("forward", 0.4561, 1.3549, 0.3003),
        Term("backward", 1.1599, 1.6092, -0.0148),
        Term("forward_both", 0.2099, 0.859, 0.3896),
        Term("backward_both", 0.5689, 0.917, -0.0771),
        Term("corners_apart", 1.8545, 2.1284, 0.1011),
        Term("log_marrow", -0.7182, 0.6318, -0.0906),
        Term("log_csf", -1.3777, 0.647, -0.0601),
        Term("log_annulus", 0.743, 0.5001, -0.0864),
        Term("height_body", 0.3365, 0.1127, -0.0791),
        Term("height_spine", 1.0198, 0.3302, -0.0957),
        Term("posterior_aspect", 0.18, 0.0711, 0.0054),
        Term("displacement", 1.5394, 1.8555, 0.0869),
        Term("canal_gap", 4.5225, 6.3004, 0.1914),
        Term("sac_relative", 0.8277, 0.2268, -0.0834),
        Term("sac_spine", 1.0113, 0.443, -0.073),
        Term("position", 3.8138, 1.7972, -0.1381),
        Term("lowest", 0.1454, 0.3525, 0.0706),
    ),
    (4.0222,),
    ("posterior_aspect",),
)
"""slip_any:
n 1176 (97.8% of discs), 31 yes, AUC 0.848 (0.769 to 0.916), ECE 0.014."""

ENDPLATE = OrdinalModel(
    "endplate",
    (
        Term("own_near_max", 0.0568, 0.1545, -0.0424),
        Term("own_near_min", -0.1956, 0.2171, 0.0902),
        Term("own_near_spread", 0.2329, 0.0844, 0.2494),
        Term("own_mid_max", 0.1217, 0.1223, -0.006),
        Term("own_mid_min", -0.1466, 0.1788, -0.0536),
        Term("own_line", -1.8078, 0.5847, 0.1052),
        Term("own_line_spread", 0.3963, 0.161, 0.1481),
        Term("own_core_spread", 0.1957, 0.1071, -0.0036),
        Term("own_rough", 0.2584, 0.1894, 0.2013),
        Term("own_step", 0.5105, 0.3671, 0.0506),
        Term("own_hollow", 0.7995, 1.1406, -0.0047),
        Term("other_near_max", 0.0568, 0.1545, 0.0441),
        Term("other_near_min", -0.1956, 0.2171, -0.0984),
        Term("other_line", -1.8078, 0.5847, 0.1831),
        Term("other_rough", 0.2584, 0.1894, 0.5289),
        Term("other_hollow", 0.7995, 1.1406, 0.1609),
        Term("log_marrow", -0.7182, 0.6318, -0.5202),
        Term("log_csf", -1.3777, 0.647, 0.038),
        Term("log_annulus", 0.743, 0.5001, -0.0397),
        Term("marrow_against_others", -0.0422, 0.4388, -0.2284),
        Term("others_marrow", -0.6762, 0.5614, -0.3826),
        Term("height_body", 0.3365, 0.1127, -0.1901),
        Term("height_spine", 1.0198, 0.3302, 0.0182),
        Term("aspect", 0.2084, 0.0735, -0.3265),
        Term("displacement", 1.5394, 1.8555, 0.1723),
        Term("sac_relative", 0.8277, 0.2268, -0.0033),
        Term("position", 3.8138, 1.7972, 0.1451),
        Term("lowest", 0.1454, 0.3525, -0.324),
        Term("is_upper", 0.5, 0.5, -0.0198),
    ),
    (0.6176,),
    ("aspect",),
)
"""endplate_upper:
n 1176 (97.8% of discs), 448 yes, AUC 0.810 (0.769 to 0.846), ECE 0.032.
endplate_lower:
n 1176 (97.8% of discs), 452 yes, AUC 0.813 (0.769 to 0.848), ECE 0.028."""
