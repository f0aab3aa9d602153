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
        Term("log_marrow", -0.7204, 0.6331, -0.4994),
        Term("log_csf", -1.3794, 0.6476, -0.7051),
        Term("log_annulus", 0.7429, 0.5004, -0.3313),
        Term("marrow_against_others", -0.0435, 0.4394, -0.1973),
        Term("others_marrow", -0.6772, 0.5615, -0.39),
        Term("texture_middle", -0.7622, 0.6796, -0.1631),
        Term("texture_bright", -0.4212, 0.5669, -0.0902),
        Term("texture_band", 0.9316, 0.1953, 0.2257),
        Term("texture_spread", 0.2716, 0.1334, 0.4366),
        Term("height_body", 0.3362, 0.1131, -0.7161),
        Term("height_spine", 1.0194, 0.3319, 0.2306),
        Term("aspect", 0.2084, 0.0735, -0.3173),
        Term("posterior_aspect", 0.18, 0.0711, -0.0646),
        Term("displacement", 0.0819, 1.9022, 0.0818),
        Term("most_near_max", 0.1132, 0.1518, 0.2511),
        Term("least_near_min", -0.2638, 0.2407, -0.2707),
        Term("most_line", -1.6987, 0.5767, 0.0804),
        Term("most_rough", 0.3193, 0.2169, 0.1993),
        Term("most_hollow", 1.3481, 1.0152, 0.1351),
        Term("position", 3.8083, 1.7988, -0.6279),
        Term("lowest", 0.1467, 0.3538, -0.1345),
    ),
    (-3.5636, -1.0185, 1.8424, 4.3884),
    ("log_marrow",),
)
"""pfirrmann:
n 1179 (98.0% of discs), within one 0.959, quadratic kappa 0.797 (0.763 to 0.825), ECE 0.029."""

DISPLACED = OrdinalModel(
    "displaced",
    (
        Term("displacement", 0.0819, 1.9022, 0.4194),
        Term("canal_gap", 4.5514, 6.3311, -0.0517),
        Term("canal_gap_middle", 2.7611, 3.0481, 0.4409),
        Term("sac_relative", 0.8277, 0.2268, -0.1749),
        Term("sac_spine", 1.0114, 0.4426, 0.2455),
        Term("sac_least", 10.6215, 3.621, -0.1166),
        Term("log_marrow", -0.7204, 0.6331, -0.4266),
        Term("log_csf", -1.3794, 0.6476, -0.3257),
        Term("log_annulus", 0.7429, 0.5004, -0.4826),
        Term("marrow_against_others", -0.0435, 0.4394, -0.2698),
        Term("others_marrow", -0.6772, 0.5615, -0.2718),
        Term("texture_bright", -0.4212, 0.5669, -0.3449),
        Term("height_spine", 1.0194, 0.3319, 0.0934),
        Term("posterior_aspect", 0.18, 0.0711, -0.5244),
        Term("position", 3.8083, 1.7988, -0.4707),
        Term("lowest", 0.1467, 0.3538, -0.6941),
        Term("position_square", 17.7388, 13.3331, -0.8287),
    ),
    (-1.1155,),
    (),
)
"""disc_bulging:
n 1179 (98.0% of discs), 566 yes, AUC 0.888 (0.867 to 0.907), ECE 0.094."""

HERNIATED = OrdinalModel(
    "herniated",
    (
        Term("displacement", 0.0819, 1.9022, 0.2423),
        Term("canal_gap", 4.5514, 6.3311, 0.0968),
        Term("canal_gap_middle", 2.7611, 3.0481, 0.2347),
        Term("sac_relative", 0.8277, 0.2268, -0.0889),
        Term("sac_spine", 1.0114, 0.4426, -0.1589),
        Term("sac_least", 10.6215, 3.621, -0.1047),
        Term("log_marrow", -0.7204, 0.6331, 0.0879),
        Term("log_csf", -1.3794, 0.6476, -0.0281),
        Term("log_annulus", 0.7429, 0.5004, -0.181),
        Term("marrow_against_others", -0.0435, 0.4394, -0.2114),
        Term("others_marrow", -0.6772, 0.5615, 0.27),
        Term("texture_bright", -0.4212, 0.5669, 0.0447),
        Term("texture_spread", 0.2716, 0.1334, 0.1199),
        Term("height_spine", 1.0194, 0.3319, -0.17),
        Term("posterior_aspect", 0.18, 0.0711, -0.3417),
        Term("position", 3.8083, 1.7988, -0.7549),
        Term("lowest", 0.1467, 0.3538, -0.4143),
    ),
    (3.3488,),
    (),
)
"""disc_herniation:
n 1179 (98.0% of discs), 60 yes, AUC 0.854 (0.811 to 0.899), ECE 0.009."""

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
        Term("log_marrow", -0.7182, 0.6318, -0.6832),
        Term("log_csf", -1.3777, 0.647, 0.2956),
        Term("log_annulus", 0.743, 0.5001, -0.0348),
        Term("marrow_against_others", -0.0422, 0.4388, -0.1097),
        Term("others_marrow", -0.6762, 0.5614, -0.6838),
        Term("height_body", 0.3365, 0.1127, -0.4759),
        Term("height_spine", 1.0198, 0.3302, 0.1138),
        Term("posterior_body", 0.1946, 0.099, -0.1559),
        Term("aspect", 0.2084, 0.0735, 0.057),
        Term("displacement", 0.0819, 1.9022, 0.0395),
        Term("sac_relative", 0.8277, 0.2268, -0.0992),
        Term("canal_gap", 4.5225, 6.3004, 0.0874),
        Term("most_near_max", 0.1132, 0.1518, 0.3869),
        Term("most_near_min", -0.1243, 0.1595, 0.0664),
        Term("most_line", -1.6987, 0.5767, 0.097),
        Term("most_rough", 0.3193, 0.2169, 0.2053),
        Term("most_hollow", 1.3481, 1.0152, 0.201),
        Term("least_near_max", 0.0008, 0.1339, -0.0579),
        Term("least_near_min", -0.2638, 0.2407, -0.0383),
        Term("least_line", -1.9199, 0.5769, 0.0015),
        Term("least_rough", 0.1975, 0.1315, 0.0975),
        Term("least_hollow", 0.2508, 0.9846, -0.0203),
        Term("position", 3.8138, 1.7972, -0.6324),
        Term("lowest", 0.1454, 0.3525, -0.4391),
    ),
    (1.0684,),
    ("most_near_max",),
)
"""modic_any:
n 1176 (97.8% of discs), 377 yes, AUC 0.826 (0.786 to 0.862), ECE 0.015."""

SLIPPED = OrdinalModel(
    "slipped",
    (
        Term("forward", 0.4561, 1.3549, 0.3047),
        Term("backward", 1.1599, 1.6092, -0.0255),
        Term("forward_both", 0.2099, 0.859, 0.3936),
        Term("backward_both", 0.5689, 0.917, -0.0789),
        Term("corners_apart", 1.8545, 2.1284, 0.0905),
        Term("log_marrow", -0.7182, 0.6318, -0.0927),
        Term("log_csf", -1.3777, 0.647, -0.0663),
        Term("log_annulus", 0.743, 0.5001, -0.0907),
        Term("height_body", 0.3365, 0.1127, -0.0807),
        Term("height_spine", 1.0198, 0.3302, -0.0985),
        Term("posterior_aspect", 0.18, 0.0711, 0.0046),
        Term("displacement", 0.0819, 1.9022, 0.0973),
        Term("canal_gap", 4.5225, 6.3004, 0.1945),
        Term("sac_relative", 0.8277, 0.2268, -0.0884),
        Term("sac_spine", 1.0113, 0.443, -0.075),
        Term("position", 3.8138, 1.7972, -0.1368),
        Term("lowest", 0.1454, 0.3525, 0.0693),
    ),
    (4.0206,),
    ("posterior_aspect",),
)
"""slip_any:
n 1176 (97.8% of discs), 31 yes, AUC 0.852 (0.773 to 0.916), ECE 0.012."""

ENDPLATE = OrdinalModel(
    "endplate",
    (
        Term("own_near_max", 0.0568, 0.1545, -0.046),
        Term("own_near_min", -0.1956, 0.2171, 0.0909),
        Term("own_near_spread", 0.2329, 0.0844, 0.296),
        Term("own_mid_max", 0.1217, 0.1223, -0.0226),
        Term("own_mid_min", -0.1466, 0.1788, -0.0509),
        Term("own_line", -1.8078, 0.5847, 0.1098),
        Term("own_line_spread", 0.3963, 0.161, 0.1483),
        Term("own_core_spread", 0.1957, 0.1071, -0.0004),
        Term("own_rough", 0.2584, 0.1894, 0.1977),
        Term("own_step", 0.5105, 0.3671, 0.0633),
        Term("own_hollow", 0.7995, 1.1406, -0.0084),
        Term("other_near_max", 0.0568, 0.1545, 0.0514),
        Term("other_near_min", -0.1956, 0.2171, -0.1067),
        Term("other_line", -1.8078, 0.5847, 0.1888),
        Term("other_rough", 0.2584, 0.1894, 0.5383),
        Term("other_hollow", 0.7995, 1.1406, 0.1524),
        Term("log_marrow", -0.7182, 0.6318, -0.5163),
        Term("log_csf", -1.3777, 0.647, 0.0161),
        Term("log_annulus", 0.743, 0.5001, -0.037),
        Term("marrow_against_others", -0.0422, 0.4388, -0.2297),
        Term("others_marrow", -0.6762, 0.5614, -0.3772),
        Term("height_body", 0.3365, 0.1127, -0.1938),
        Term("height_spine", 1.0198, 0.3302, 0.0199),
        Term("aspect", 0.2084, 0.0735, -0.3558),
        Term("displacement", 0.0819, 1.9022, -0.0326),
        Term("sac_relative", 0.8277, 0.2268, -0.0337),
        Term("position", 3.8138, 1.7972, 0.0891),
        Term("lowest", 0.1454, 0.3525, -0.312),
        Term("is_upper", 0.5, 0.5, -0.0242),
    ),
    (0.6163,),
    ("aspect",),
)
"""endplate_upper:
n 1176 (97.8% of discs), 448 yes, AUC 0.808 (0.767 to 0.844), ECE 0.035.
endplate_lower:
n 1176 (97.8% of discs), 452 yes, AUC 0.812 (0.768 to 0.848), ECE 0.026."""
