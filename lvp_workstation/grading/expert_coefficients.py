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
        Term("learned_pfirrmann_2", 2.7727, 2.3267, 0.4101),
        Term("learned_pfirrmann_3", 0.5462, 3.1068, 0.2339),
        Term("learned_pfirrmann_4", -2.3105, 3.1647, 0.2628),
        Term("learned_pfirrmann_5", -4.9765, 3.0709, 0.6957),
        Term("log_marrow", -0.7195, 0.6245, -0.2277),
        Term("log_csf", -1.382, 0.6374, -0.5552),
        Term("log_annulus", 0.7386, 0.4894, -0.2868),
        Term("marrow_against_others", -0.0414, 0.434, -0.0537),
        Term("others_marrow", -0.6782, 0.5601, -0.2546),
        Term("texture_middle", -0.7665, 0.6769, -0.0932),
        Term("texture_bright", -0.417, 0.5588, 0.1625),
        Term("texture_band", 0.9222, 0.1863, 0.102),
        Term("texture_spread", 0.2741, 0.1446, 0.3368),
        Term("height_body", 0.3276, 0.1099, -0.5928),
        Term("height_spine", 1.0232, 0.3639, 0.2041),
        Term("aspect", 0.2051, 0.0715, -0.1635),
        Term("posterior_aspect", 0.1759, 0.0645, 0.1396),
        Term("displacement", 1.5496, 1.8373, 0.0357),
        Term("most_near_max", 0.1087, 0.1529, 0.154),
        Term("least_near_min", -0.265, 0.223, -0.1441),
        Term("most_line", -1.7037, 0.5814, -0.0402),
        Term("most_rough", 0.3269, 0.2679, 0.2238),
        Term("most_hollow", 1.3537, 0.9952, 0.1024),
        Term("position", 3.8183, 1.7968, -0.2889),
        Term("lowest", 0.1443, 0.3514, -0.0177),
    ),
    (-3.7399, -1.1509, 1.8651, 4.67),
    ("log_marrow",),
)
"""pfirrmann:
n 1178 (97.9% of discs), within one 0.966, quadratic kappa 0.817 (0.783 to 0.845), ECE 0.027."""

DISPLACED = OrdinalModel(
    "displaced",
    (
        Term("learned_displaced", -0.267, 2.9879, 0.6546),
        Term("learned_bulging", -0.438, 2.5247, 0.6504),
        Term("displacement", 1.5496, 1.8373, 0.2616),
        Term("canal_gap", 4.232, 4.5923, -0.0401),
        Term("canal_gap_middle", 2.6499, 2.4295, 0.2285),
        Term("sac_relative", 0.8163, 0.2111, -0.0708),
        Term("sac_spine", 1.014, 0.5148, 0.1263),
        Term("sac_least", 10.6353, 3.5453, -0.1143),
        Term("log_marrow", -0.7195, 0.6245, -0.0804),
        Term("log_csf", -1.382, 0.6374, -0.1194),
        Term("log_annulus", 0.7386, 0.4894, -0.2248),
        Term("marrow_against_others", -0.0414, 0.434, -0.0216),
        Term("others_marrow", -0.6782, 0.5601, -0.1039),
        Term("texture_bright", -0.417, 0.5588, -0.21),
        Term("height_spine", 1.0232, 0.3639, -0.0852),
        Term("posterior_aspect", 0.1759, 0.0645, -0.2086),
        Term("position", 3.8183, 1.7968, -0.2049),
        Term("lowest", 0.1443, 0.3514, -0.3425),
        Term("position_square", 17.8081, 13.3367, -0.5507),
    ),
    (-0.3249,),
    (),
)
"""disc_bulging:
n 1178 (97.9% of discs), 566 yes, AUC 0.904 (0.884 to 0.922), ECE 0.042."""

HERNIATED = OrdinalModel(
    "herniated",
    (
        Term("learned_herniated", -4.4587, 2.0998, 0.5438),
        Term("learned_displaced", -0.267, 2.9879, 0.4399),
        Term("displacement", 1.5496, 1.8373, 0.2368),
        Term("canal_gap", 4.232, 4.5923, 0.0958),
        Term("canal_gap_middle", 2.6499, 2.4295, 0.1286),
        Term("sac_relative", 0.8163, 0.2111, -0.099),
        Term("sac_spine", 1.014, 0.5148, -0.1987),
        Term("sac_least", 10.6353, 3.5453, -0.1214),
        Term("log_marrow", -0.7195, 0.6245, 0.163),
        Term("log_csf", -1.382, 0.6374, 0.0394),
        Term("log_annulus", 0.7386, 0.4894, -0.0742),
        Term("marrow_against_others", -0.0414, 0.434, -0.1409),
        Term("others_marrow", -0.6782, 0.5601, 0.2859),
        Term("texture_bright", -0.417, 0.5588, 0.1388),
        Term("texture_spread", 0.2741, 0.1446, 0.0513),
        Term("height_spine", 1.0232, 0.3639, -0.2478),
        Term("posterior_aspect", 0.1759, 0.0645, -0.0025),
        Term("position", 3.8183, 1.7968, -0.6255),
        Term("lowest", 0.1443, 0.3514, -0.3428),
    ),
    (3.9223,),
    (),
)
"""disc_herniation:
n 1178 (97.9% of discs), 59 yes, AUC 0.862 (0.826 to 0.898), ECE 0.012."""

NARROWED = OrdinalModel(
    "narrowed",
    (
        Term("learned_narrowed", -1.6298, 2.9233, 0.7075),
        Term("learned_pfirrmann_5", -4.9794, 3.0707, 0.7011),
        Term("height_body", 0.3276, 0.1099, -0.6197),
        Term("height_spine", 1.0234, 0.364, -0.1287),
        Term("posterior_body", 0.179, 0.0858, -0.0761),
        Term("anterior_aspect", 0.2196, 0.0843, -0.006),
        Term("middle_aspect", 0.2318, 0.0886, -0.1339),
        Term("posterior_aspect", 0.1759, 0.0645, -0.3682),
        Term("log_marrow", -0.719, 0.6245, -0.2845),
        Term("log_csf", -1.382, 0.6377, -0.098),
        Term("texture_bright", -0.417, 0.5588, 0.0031),
        Term("others_marrow", -0.6782, 0.5603, 0.1982),
        Term("most_near_max", 0.1087, 0.1529, 0.063),
        Term("least_near_min", -0.265, 0.223, -0.229),
        Term("most_line", -1.7037, 0.5814, 0.3022),
        Term("least_line", -1.9337, 0.5746, 0.03),
        Term("most_rough", 0.3269, 0.2679, 0.1772),
        Term("most_step", 0.6416, 0.4923, 0.2155),
        Term("most_hollow", 1.3537, 0.9952, 0.0548),
        Term("least_hollow", 0.2256, 1.0506, -0.0937),
        Term("position", 3.8173, 1.7972, -0.9349),
        Term("lowest", 0.1444, 0.3515, -0.4182),
    ),
    (0.9971,),
    ("middle_aspect",),
)
"""disc_narrowing:
n 1177 (97.8% of discs), 418 yes, AUC 0.933 (0.916 to 0.948), ECE 0.020."""

MODIC = OrdinalModel(
    "modic",
    (
        Term("learned_modic", -1.3009, 1.7321, 0.7713),
        Term("log_marrow", -0.719, 0.6245, -0.433),
        Term("log_csf", -1.382, 0.6377, 0.333),
        Term("log_annulus", 0.7393, 0.4889, 0.0177),
        Term("marrow_against_others", -0.0409, 0.4338, 0.0021),
        Term("others_marrow", -0.6782, 0.5603, -0.4589),
        Term("height_body", 0.3276, 0.1099, -0.5026),
        Term("height_spine", 1.0234, 0.364, 0.1433),
        Term("posterior_body", 0.179, 0.0858, -0.1751),
        Term("aspect", 0.2051, 0.0715, 0.323),
        Term("displacement", 1.5496, 1.8373, 0.1247),
        Term("sac_relative", 0.8163, 0.2111, 0.0427),
        Term("canal_gap", 4.232, 4.5923, 0.1788),
        Term("most_near_max", 0.1087, 0.1529, 0.3442),
        Term("most_near_min", -0.1294, 0.16, 0.119),
        Term("most_line", -1.7037, 0.5814, -0.0574),
        Term("most_rough", 0.3269, 0.2679, 0.1825),
        Term("most_hollow", 1.3537, 0.9952, 0.1164),
        Term("least_near_max", -0.0059, 0.1323, 0.0455),
        Term("least_near_min", -0.265, 0.223, -0.1097),
        Term("least_line", -1.9337, 0.5746, 0.0806),
        Term("least_rough", 0.1969, 0.1327, 0.0054),
        Term("least_hollow", 0.2256, 1.0506, 0.0888),
        Term("position", 3.8173, 1.7972, -0.4185),
        Term("lowest", 0.1444, 0.3515, -0.3698),
    ),
    (1.1016,),
    ("most_near_max",),
)
"""modic_any:
n 1177 (97.8% of discs), 377 yes, AUC 0.835 (0.798 to 0.871), ECE 0.030."""

SLIPPED = OrdinalModel(
    "slipped",
    (
        Term("learned_slipped", -3.5002, 1.3664, 0.1738),
        Term("forward", 0.4056, 1.2171, 0.2802),
        Term("backward", 1.1108, 1.5536, -0.0604),
        Term("forward_both", 0.1875, 0.8264, 0.3082),
        Term("backward_both", 0.5867, 0.8233, -0.0528),
        Term("corners_apart", 1.7757, 1.9715, 0.1166),
        Term("log_marrow", -0.719, 0.6245, -0.0581),
        Term("log_csf", -1.382, 0.6377, -0.0167),
        Term("log_annulus", 0.7393, 0.4889, -0.0856),
        Term("height_body", 0.3276, 0.1099, -0.1125),
        Term("height_spine", 1.0234, 0.364, -0.1066),
        Term("posterior_aspect", 0.1759, 0.0645, 0.0754),
        Term("displacement", 1.5496, 1.8373, 0.1155),
        Term("canal_gap", 4.232, 4.5923, 0.2029),
        Term("sac_relative", 0.8163, 0.2111, -0.1163),
        Term("sac_spine", 1.014, 0.5148, -0.0336),
        Term("position", 3.8173, 1.7972, -0.1407),
        Term("lowest", 0.1444, 0.3515, 0.0838),
    ),
    (4.0356,),
    ("posterior_aspect",),
)
"""slip_any:
n 1177 (97.8% of discs), 31 yes, AUC 0.859 (0.794 to 0.917), ECE 0.010."""

ENDPLATE = OrdinalModel(
    "endplate",
    (
        Term("learned_own", -0.8809, 1.5207, 0.1036),
        Term("learned_other", -0.8809, 1.5207, 0.1128),
        Term("learned_modic", -1.3009, 1.7321, 0.4716),
        Term("own_near_max", 0.0513, 0.1548, 0.0273),
        Term("own_near_min", -0.1989, 0.2067, -0.0248),
        Term("own_near_spread", 0.2344, 0.0813, 0.1174),
        Term("own_mid_max", 0.1203, 0.1204, 0.0212),
        Term("own_mid_min", -0.1467, 0.1727, 0.0481),
        Term("own_line", -1.8169, 0.5869, 0.0632),
        Term("own_line_spread", 0.3953, 0.1607, 0.1189),
        Term("own_core_spread", 0.195, 0.1007, 0.0101),
        Term("own_rough", 0.2619, 0.2212, 0.1875),
        Term("own_step", 0.5143, 0.412, 0.0729),
        Term("own_hollow", 0.7897, 1.1684, -0.0429),
        Term("other_near_max", 0.0513, 0.1548, 0.1079),
        Term("other_near_min", -0.1989, 0.2067, -0.098),
        Term("other_line", -1.8169, 0.5869, 0.1212),
        Term("other_rough", 0.2619, 0.2212, 0.4829),
        Term("other_hollow", 0.7897, 1.1684, 0.1232),
        Term("log_marrow", -0.719, 0.6245, -0.2703),
        Term("log_csf", -1.382, 0.6377, -0.0107),
        Term("log_annulus", 0.7393, 0.4889, 0.0754),
        Term("marrow_against_others", -0.0409, 0.4338, -0.1129),
        Term("others_marrow", -0.6782, 0.5603, -0.1796),
        Term("height_body", 0.3276, 0.1099, -0.1973),
        Term("height_spine", 1.0234, 0.364, 0.0624),
        Term("aspect", 0.2051, 0.0715, -0.1174),
        Term("displacement", 1.5496, 1.8373, 0.0327),
        Term("sac_relative", 0.8163, 0.2111, -0.0749),
        Term("position", 3.8173, 1.7972, 0.227),
        Term("lowest", 0.1444, 0.3515, -0.2207),
        Term("is_upper", 0.5, 0.5, -0.0094),
    ),
    (0.6069,),
    ("aspect",),
)
"""endplate_upper:
n 1177 (97.8% of discs), 447 yes, AUC 0.800 (0.756 to 0.839), ECE 0.039.
endplate_lower:
n 1177 (97.8% of discs), 453 yes, AUC 0.806 (0.764 to 0.845), ECE 0.036."""
