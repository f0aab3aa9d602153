"""Weights of the models with expert grades; ``models.grading.fit_experts`` writes them.

Fitted to the expert grades of 173 SPIDER patients (1178 discs, T2), measured on single mid-sagittal
slices with the shipped V-Net's masks; ridge-penalised (cumulative) logistic regression by maximum likelihood,
features standardised. Figures: pooled out-of-fold predictions, 5 folds by patient, 95 % bootstrap over
patients. Data: van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

PFIRRMANN = OrdinalModel(
    "pfirrmann",
    (
        Term("log_marrow", -0.7195, 0.6245, -0.4263),
        Term("log_csf", -1.382, 0.6374, -0.7122),
        Term("log_annulus", 0.7386, 0.4894, -0.2991),
        Term("marrow_against_others", -0.0414, 0.434, -0.1333),
        Term("others_marrow", -0.6782, 0.5601, -0.4273),
        Term("texture_middle", -0.7665, 0.6769, -0.179),
        Term("texture_bright", -0.417, 0.5588, -0.0148),
        Term("texture_band", 0.9222, 0.1863, 0.2099),
        Term("texture_spread", 0.2741, 0.1446, 0.484),
        Term("height_body", 0.3267, 0.1106, -0.6871),
        Term("height_spine", 1.0267, 0.3759, 0.1345),
        Term("aspect", 0.2051, 0.0715, -0.256),
        Term("posterior_aspect", 0.1759, 0.0645, 0.011),
        Term("displacement", 1.5715, 1.808, 0.233),
        Term("most_near_max", 0.1083, 0.1518, 0.2569),
        Term("least_near_min", -0.2651, 0.223, -0.2264),
        Term("most_line", -1.7039, 0.5807, 0.098),
        Term("most_rough", 0.3269, 0.2679, 0.3333),
        Term("most_hollow", 1.3537, 0.9952, 0.1305),
        Term("position", 3.8183, 1.7968, -0.6248),
        Term("lowest", 0.1443, 0.3514, -0.1347),
    ),
    (-3.533, -1.029, 1.7504, 4.3289),
    ("log_marrow",),
)
"""pfirrmann:
n 1178 (97.9% of discs), within one 0.956, quadratic kappa 0.797 (0.762 to 0.828), ECE 0.027."""

DISPLACED = OrdinalModel(
    "displaced",
    (
        Term("displacement", 1.5715, 1.808, 0.3985),
        Term("canal_gap", 4.2385, 4.5877, -0.0013),
        Term("canal_gap_middle", 2.6458, 2.447, 0.3787),
        Term("sac_relative", 0.8175, 0.2167, -0.1771),
        Term("sac_spine", 1.0136, 0.5137, 0.1913),
        Term("sac_least", 10.6292, 3.5488, -0.1545),
        Term("log_marrow", -0.7195, 0.6245, -0.2768),
        Term("log_csf", -1.382, 0.6374, -0.3277),
        Term("log_annulus", 0.7386, 0.4894, -0.2903),
        Term("marrow_against_others", -0.0414, 0.434, -0.1018),
        Term("others_marrow", -0.6782, 0.5601, -0.2722),
        Term("texture_bright", -0.417, 0.5588, -0.3167),
        Term("height_spine", 1.0267, 0.3759, -0.0633),
        Term("posterior_aspect", 0.1759, 0.0645, -0.3414),
        Term("position", 3.8183, 1.7968, -0.4081),
        Term("lowest", 0.1443, 0.3514, -0.5069),
        Term("position_square", 17.8081, 13.3367, -0.8107),
    ),
    (-0.4538,),
    (),
)
"""disc_bulging:
n 1178 (97.9% of discs), 566 yes, AUC 0.896 (0.874 to 0.915), ECE 0.047."""

HERNIATED = OrdinalModel(
    "herniated",
    (
        Term("displacement", 1.5715, 1.808, 0.3303),
        Term("canal_gap", 4.2385, 4.5877, 0.1218),
        Term("canal_gap_middle", 2.6458, 2.447, 0.1728),
        Term("sac_relative", 0.8175, 0.2167, -0.1379),
        Term("sac_spine", 1.0136, 0.5137, -0.1927),
        Term("sac_least", 10.6292, 3.5488, -0.1623),
        Term("log_marrow", -0.7195, 0.6245, 0.0932),
        Term("log_csf", -1.382, 0.6374, -0.0413),
        Term("log_annulus", 0.7386, 0.4894, -0.1521),
        Term("marrow_against_others", -0.0414, 0.434, -0.1543),
        Term("others_marrow", -0.6782, 0.5601, 0.2355),
        Term("texture_bright", -0.417, 0.5588, 0.0785),
        Term("texture_spread", 0.2741, 0.1446, 0.1102),
        Term("height_spine", 1.0267, 0.3759, -0.2174),
        Term("posterior_aspect", 0.1759, 0.0645, -0.1403),
        Term("position", 3.8183, 1.7968, -0.8146),
        Term("lowest", 0.1443, 0.3514, -0.3936),
    ),
    (3.6267,),
    (),
)
"""disc_herniation:
n 1178 (97.9% of discs), 59 yes, AUC 0.848 (0.805 to 0.888), ECE 0.009."""

NARROWED = OrdinalModel(
    "narrowed",
    (
        Term("height_body", 0.3266, 0.1106, -0.6398),
        Term("height_spine", 1.027, 0.3759, -0.1351),
        Term("posterior_body", 0.1798, 0.0869, -0.2495),
        Term("anterior_aspect", 0.2196, 0.0843, -0.1859),
        Term("middle_aspect", 0.2318, 0.0886, -0.117),
        Term("posterior_aspect", 0.1759, 0.0645, -0.5147),
        Term("log_marrow", -0.719, 0.6245, -0.5907),
        Term("log_csf", -1.382, 0.6377, -0.2722),
        Term("texture_bright", -0.417, 0.5588, -0.1682),
        Term("others_marrow", -0.6782, 0.5603, 0.0698),
        Term("most_near_max", 0.1083, 0.1518, 0.175),
        Term("least_near_min", -0.2651, 0.223, -0.3956),
        Term("most_line", -1.7039, 0.5807, 0.4422),
        Term("least_line", -1.9337, 0.5747, 0.052),
        Term("most_rough", 0.3269, 0.2679, 0.185),
        Term("most_step", 0.6416, 0.4923, 0.3617),
        Term("most_hollow", 1.3537, 0.9952, -0.0036),
        Term("least_hollow", 0.2256, 1.0506, -0.1319),
        Term("position", 3.8173, 1.7972, -1.2442),
        Term("lowest", 0.1444, 0.3515, -0.4669),
    ),
    (0.9938,),
    ("middle_aspect",),
)
"""disc_narrowing:
n 1177 (97.8% of discs), 418 yes, AUC 0.925 (0.908 to 0.941), ECE 0.012."""

MODIC = OrdinalModel(
    "modic",
    (
        Term("log_marrow", -0.719, 0.6245, -0.6519),
        Term("log_csf", -1.382, 0.6377, 0.3071),
        Term("log_annulus", 0.7393, 0.4889, -0.0032),
        Term("marrow_against_others", -0.0409, 0.4338, -0.1028),
        Term("others_marrow", -0.6782, 0.5603, -0.6232),
        Term("height_body", 0.3266, 0.1106, -0.6006),
        Term("height_spine", 1.027, 0.3759, 0.1433),
        Term("posterior_body", 0.1798, 0.0869, -0.2161),
        Term("aspect", 0.2051, 0.0715, 0.2103),
        Term("displacement", 1.5715, 1.808, 0.1413),
        Term("sac_relative", 0.8175, 0.2167, 0.0022),
        Term("canal_gap", 4.2385, 4.5877, 0.2644),
        Term("most_near_max", 0.1083, 0.1518, 0.3806),
        Term("most_near_min", -0.1296, 0.159, 0.1156),
        Term("most_line", -1.7039, 0.5807, 0.0183),
        Term("most_rough", 0.3269, 0.2679, 0.247),
        Term("most_hollow", 1.3537, 0.9952, 0.1375),
        Term("least_near_max", -0.0058, 0.1321, 0.0427),
        Term("least_near_min", -0.2651, 0.223, -0.1521),
        Term("least_line", -1.9337, 0.5747, 0.0854),
        Term("least_rough", 0.1969, 0.1327, 0.044),
        Term("least_hollow", 0.2256, 1.0506, 0.1257),
        Term("position", 3.8173, 1.7972, -0.6173),
        Term("lowest", 0.1444, 0.3515, -0.4952),
    ),
    (1.0458,),
    ("most_near_max",),
)
"""modic_any:
n 1177 (97.8% of discs), 377 yes, AUC 0.832 (0.791 to 0.869), ECE 0.026."""

SLIPPED = OrdinalModel(
    "slipped",
    (
        Term("forward", 0.4269, 1.2696, 0.2899),
        Term("backward", 1.133, 1.6111, -0.0709),
        Term("forward_both", 0.183, 0.8184, 0.3291),
        Term("backward_both", 0.5822, 0.8209, -0.0584),
        Term("corners_apart", 1.8213, 2.0395, 0.1168),
        Term("log_marrow", -0.719, 0.6245, -0.0627),
        Term("log_csf", -1.382, 0.6377, -0.019),
        Term("log_annulus", 0.7393, 0.4889, -0.0991),
        Term("height_body", 0.3266, 0.1106, -0.115),
        Term("height_spine", 1.027, 0.3759, -0.1072),
        Term("posterior_aspect", 0.1759, 0.0645, 0.0688),
        Term("displacement", 1.5715, 1.808, 0.1283),
        Term("canal_gap", 4.2385, 4.5877, 0.2183),
        Term("sac_relative", 0.8175, 0.2167, -0.1305),
        Term("sac_spine", 1.0136, 0.5137, -0.038),
        Term("position", 3.8173, 1.7972, -0.1534),
        Term("lowest", 0.1444, 0.3515, 0.0977),
    ),
    (3.9845,),
    ("posterior_aspect",),
)
"""slip_any:
n 1177 (97.8% of discs), 31 yes, AUC 0.853 (0.787 to 0.912), ECE 0.008."""

ENDPLATE = OrdinalModel(
    "endplate",
    (
        Term("own_near_max", 0.0511, 0.1541, 0.0307),
        Term("own_near_min", -0.199, 0.2063, -0.0121),
        Term("own_near_spread", 0.2343, 0.0811, 0.1534),
        Term("own_mid_max", 0.1201, 0.1197, 0.0156),
        Term("own_mid_min", -0.1467, 0.1723, 0.0199),
        Term("own_line", -1.8171, 0.5866, 0.1069),
        Term("own_line_spread", 0.3953, 0.1608, 0.1434),
        Term("own_core_spread", 0.195, 0.1007, -0.0034),
        Term("own_rough", 0.2619, 0.2212, 0.195),
        Term("own_step", 0.5143, 0.412, 0.1096),
        Term("own_hollow", 0.7897, 1.1684, -0.0188),
        Term("other_near_max", 0.0511, 0.1541, 0.1221),
        Term("other_near_min", -0.199, 0.2063, -0.1094),
        Term("other_line", -1.8171, 0.5866, 0.1694),
        Term("other_rough", 0.2619, 0.2212, 0.5226),
        Term("other_hollow", 0.7897, 1.1684, 0.1437),
        Term("log_marrow", -0.719, 0.6245, -0.4924),
        Term("log_csf", -1.382, 0.6377, -0.0203),
        Term("log_annulus", 0.7393, 0.4889, 0.0502),
        Term("marrow_against_others", -0.0409, 0.4338, -0.2105),
        Term("others_marrow", -0.6782, 0.5603, -0.3501),
        Term("height_body", 0.3266, 0.1106, -0.2837),
        Term("height_spine", 1.027, 0.3759, 0.0666),
        Term("aspect", 0.2051, 0.0715, -0.2076),
        Term("displacement", 1.5715, 1.808, 0.0719),
        Term("sac_relative", 0.8175, 0.2167, -0.1461),
        Term("position", 3.8173, 1.7972, 0.0726),
        Term("lowest", 0.1444, 0.3515, -0.2938),
        Term("is_upper", 0.5, 0.5, -0.0138),
    ),
    (0.5901,),
    ("aspect",),
)
"""endplate_upper:
n 1177 (97.8% of discs), 447 yes, AUC 0.798 (0.754 to 0.837), ECE 0.043.
endplate_lower:
n 1177 (97.8% of discs), 453 yes, AUC 0.801 (0.759 to 0.840), ECE 0.027."""
