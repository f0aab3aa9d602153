"""Weights of the models with expert grades; ``models.grading.fit_experts`` writes them.

Fitted to the expert grades of 173 SPIDER patients (1179 discs, T2), measured on single mid-sagittal
slices with the shipped V-Net's masks; ridge-penalised (cumulative) logistic regression by maximum likelihood,
features standardised. Figures: pooled out-of-fold predictions, 5 folds by patient, 95 % bootstrap over
patients. Data: van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
"""

from __future__ import annotations

from lvp_workstation.grading.logistic import OrdinalModel, Term

PFIRRMANN = OrdinalModel(
    "pfirrmann",
    (
        Term("learned_pfirrmann_2", 2.7727, 2.3267, 0.4083),
        Term("learned_pfirrmann_3", 0.5462, 3.1068, 0.234),
        Term("learned_pfirrmann_4", -2.3105, 3.1647, 0.2654),
        Term("learned_pfirrmann_5", -4.9765, 3.0709, 0.7027),
        Term("log_marrow", -0.7195, 0.6245, -0.2295),
        Term("log_csf", -1.382, 0.6374, -0.5566),
        Term("log_annulus", 0.7386, 0.4894, -0.2808),
        Term("marrow_against_others", -0.0414, 0.434, -0.051),
        Term("others_marrow", -0.6782, 0.5601, -0.2578),
        Term("texture_middle", -0.7665, 0.6769, -0.0903),
        Term("texture_bright", -0.417, 0.5588, 0.1614),
        Term("texture_band", 0.9222, 0.1863, 0.1024),
        Term("texture_spread", 0.2741, 0.1446, 0.3434),
        Term("height_body", 0.3282, 0.1095, -0.5801),
        Term("height_spine", 1.0233, 0.3645, 0.198),
        Term("aspect", 0.2051, 0.0715, -0.1592),
        Term("posterior_aspect", 0.1759, 0.0645, 0.1304),
        Term("displacement", 1.4556, 1.7795, 0.0119),
        Term("most_near_max", 0.1082, 0.1529, 0.1554),
        Term("least_near_min", -0.2654, 0.2232, -0.1509),
        Term("most_line", -1.7039, 0.5813, -0.0359),
        Term("most_rough", 0.3269, 0.2679, 0.2302),
        Term("most_hollow", 1.3537, 0.9952, 0.1034),
        Term("position", 3.8183, 1.7968, -0.2921),
        Term("lowest", 0.1443, 0.3514, -0.014),
    ),
    (-3.7362, -1.1468, 1.8652, 4.6555),
    ("log_marrow",),
)
"""pfirrmann:
n 1178 (97.9% of discs), within one 0.967, quadratic kappa 0.811 (0.776 to 0.841), ECE 0.019."""

DISPLACED = OrdinalModel(
    "displaced",
    (
        Term("learned_displaced", -0.267, 2.9879, 0.6753),
        Term("learned_bulging", -0.438, 2.5247, 0.6621),
        Term("displacement", 1.4556, 1.7795, 0.2237),
        Term("canal_gap", 3.8458, 3.9183, -0.035),
        Term("canal_gap_middle", 2.4839, 2.1871, 0.1574),
        Term("sac_relative", 0.817, 0.21, -0.0985),
        Term("sac_spine", 1.0172, 0.5232, 0.1428),
        Term("sac_least", 10.6457, 3.5347, -0.1076),
        Term("log_marrow", -0.7195, 0.6245, -0.0956),
        Term("log_csf", -1.382, 0.6374, -0.0995),
        Term("log_annulus", 0.7386, 0.4894, -0.2358),
        Term("marrow_against_others", -0.0414, 0.434, -0.0307),
        Term("others_marrow", -0.6782, 0.5599, -0.1115),
        Term("texture_bright", -0.417, 0.5588, -0.1894),
        Term("height_spine", 1.0233, 0.3645, -0.0752),
        Term("posterior_aspect", 0.1759, 0.0645, -0.2152),
        Term("position", 3.8159, 1.7979, -0.2201),
        Term("lowest", 0.145, 0.3521, -0.2726),
        Term("position_square", 17.7939, 13.34, -0.5459),
    ),
    (-0.3253,),
    (),
)
"""disc_bulging:
n 1179 (98.0% of discs), 566 yes, AUC 0.902 (0.882 to 0.921), ECE 0.043."""

HERNIATED = OrdinalModel(
    "herniated",
    (
        Term("learned_herniated", -4.4587, 2.0998, 0.5463),
        Term("learned_displaced", -0.267, 2.9879, 0.4276),
        Term("displacement", 1.4556, 1.7795, 0.156),
        Term("canal_gap", 3.8458, 3.9183, 0.0182),
        Term("canal_gap_middle", 2.4839, 2.1871, 0.1242),
        Term("sac_relative", 0.817, 0.21, -0.1232),
        Term("sac_spine", 1.0172, 0.5232, -0.2025),
        Term("sac_least", 10.6457, 3.5347, -0.1027),
        Term("log_marrow", -0.7195, 0.6245, 0.158),
        Term("log_csf", -1.382, 0.6374, 0.06),
        Term("log_annulus", 0.7386, 0.4894, -0.0915),
        Term("marrow_against_others", -0.0414, 0.434, -0.123),
        Term("others_marrow", -0.6782, 0.5599, 0.2698),
        Term("texture_bright", -0.417, 0.5588, 0.1453),
        Term("texture_spread", 0.2741, 0.1446, 0.084),
        Term("height_spine", 1.0233, 0.3645, -0.2876),
        Term("posterior_aspect", 0.1759, 0.0645, 0.0056),
        Term("position", 3.8159, 1.7979, -0.6728),
        Term("lowest", 0.145, 0.3521, -0.2573),
    ),
    (3.8382,),
    (),
)
"""disc_herniation:
n 1179 (98.0% of discs), 60 yes, AUC 0.856 (0.816 to 0.894), ECE 0.007."""

NARROWED = OrdinalModel(
    "narrowed",
    (
        Term("learned_narrowed", -1.6298, 2.9233, 0.7008),
        Term("learned_pfirrmann_5", -4.9794, 3.0707, 0.6958),
        Term("height_body", 0.3281, 0.1095, -0.597),
        Term("height_spine", 1.0235, 0.3645, -0.1066),
        Term("posterior_body", 0.1915, 0.082, -0.2268),
        Term("anterior_aspect", 0.2196, 0.0843, -0.0383),
        Term("middle_aspect", 0.2318, 0.0886, -0.1192),
        Term("posterior_aspect", 0.1759, 0.0645, -0.3124),
        Term("log_marrow", -0.719, 0.6245, -0.2928),
        Term("log_csf", -1.382, 0.6377, -0.0861),
        Term("texture_bright", -0.417, 0.5588, 0.0052),
        Term("others_marrow", -0.6782, 0.5603, 0.2149),
        Term("most_near_max", 0.1082, 0.1529, 0.0685),
        Term("least_near_min", -0.2654, 0.2232, -0.2343),
        Term("most_line", -1.7039, 0.5813, 0.3094),
        Term("least_line", -1.9341, 0.5747, 0.0143),
        Term("most_rough", 0.3269, 0.2679, 0.1809),
        Term("most_step", 0.6416, 0.4923, 0.2137),
        Term("most_hollow", 1.3537, 0.9952, 0.0502),
        Term("least_hollow", 0.2256, 1.0506, -0.1128),
        Term("position", 3.8173, 1.7972, -0.9457),
        Term("lowest", 0.1444, 0.3515, -0.3965),
    ),
    (1.0128,),
    ("middle_aspect",),
)
"""disc_narrowing:
n 1177 (97.8% of discs), 418 yes, AUC 0.934 (0.917 to 0.949), ECE 0.026."""

MODIC = OrdinalModel(
    "modic",
    (
        Term("learned_modic", -1.3009, 1.7321, 0.7958),
        Term("log_marrow", -0.719, 0.6245, -0.4495),
        Term("log_csf", -1.382, 0.6377, 0.3411),
        Term("log_annulus", 0.7393, 0.4889, 0.0301),
        Term("marrow_against_others", -0.0409, 0.4338, 0.0065),
        Term("others_marrow", -0.6782, 0.5603, -0.4783),
        Term("height_body", 0.3281, 0.1095, -0.5411),
        Term("height_spine", 1.0235, 0.3645, 0.129),
        Term("posterior_body", 0.1915, 0.082, -0.0981),
        Term("aspect", 0.2051, 0.0715, 0.3044),
        Term("displacement", 1.4556, 1.7795, 0.1232),
        Term("sac_relative", 0.817, 0.21, 0.0495),
        Term("canal_gap", 3.8458, 3.9183, 0.0886),
        Term("most_near_max", 0.1082, 0.1529, 0.3758),
        Term("most_near_min", -0.1295, 0.1594, 0.1188),
        Term("most_line", -1.7039, 0.5813, -0.0458),
        Term("most_rough", 0.3269, 0.2679, 0.1955),
        Term("most_hollow", 1.3537, 0.9952, 0.1347),
        Term("least_near_max", -0.0058, 0.1313, 0.0181),
        Term("least_near_min", -0.2654, 0.2232, -0.1118),
        Term("least_line", -1.9341, 0.5747, 0.0733),
        Term("least_rough", 0.1969, 0.1327, 0.0144),
        Term("least_hollow", 0.2256, 1.0506, 0.0797),
        Term("position", 3.8173, 1.7972, -0.4382),
        Term("lowest", 0.1444, 0.3515, -0.3001),
    ),
    (1.109,),
    ("most_near_max",),
)
"""modic_any:
n 1177 (97.8% of discs), 377 yes, AUC 0.833 (0.795 to 0.868), ECE 0.030."""

SLIPPED = OrdinalModel(
    "slipped",
    (
        Term("learned_slipped", -3.5002, 1.3664, 0.1568),
        Term("forward", 0.4846, 1.3649, 0.316),
        Term("backward", 0.9396, 1.2688, -0.0049),
        Term("forward_both", 0.2354, 0.9653, 0.3389),
        Term("backward_both", 0.591, 0.8113, -0.0357),
        Term("corners_apart", 1.6304, 1.7935, 0.0773),
        Term("log_marrow", -0.719, 0.6245, -0.0537),
        Term("log_csf", -1.382, 0.6377, -0.0228),
        Term("log_annulus", 0.7393, 0.4889, -0.0908),
        Term("height_body", 0.3281, 0.1095, -0.1285),
        Term("height_spine", 1.0235, 0.3645, -0.1174),
        Term("posterior_aspect", 0.1759, 0.0645, 0.0644),
        Term("displacement", 1.4556, 1.7795, 0.0429),
        Term("canal_gap", 3.8458, 3.9183, 0.2327),
        Term("sac_relative", 0.817, 0.21, -0.1186),
        Term("sac_spine", 1.0172, 0.5232, -0.0268),
        Term("position", 3.8173, 1.7972, -0.1309),
        Term("lowest", 0.1444, 0.3515, 0.051),
    ),
    (4.0537,),
    ("posterior_aspect",),
)
"""slip_any:
n 1177 (97.8% of discs), 31 yes, AUC 0.862 (0.796 to 0.923), ECE 0.009."""

ENDPLATE = OrdinalModel(
    "endplate",
    (
        Term("learned_own", -0.8809, 1.5207, 0.1441),
        Term("learned_other", -0.8809, 1.5207, 0.1534),
        Term("learned_modic", -1.3009, 1.7321, 0.4824),
        Term("others_endplate", -0.8819, 1.1987, -0.353),
        Term("others_modic", -1.3023, 1.2908, 0.1358),
        Term("own_near_max", 0.0511, 0.1543, 0.0343),
        Term("own_near_min", -0.1991, 0.2066, -0.0187),
        Term("own_near_spread", 0.2342, 0.0811, 0.1022),
        Term("own_mid_max", 0.1199, 0.1202, 0.0266),
        Term("own_mid_min", -0.1468, 0.1721, 0.0333),
        Term("own_line", -1.8172, 0.5869, 0.0683),
        Term("own_line_spread", 0.3953, 0.1607, 0.1184),
        Term("own_core_spread", 0.1951, 0.1007, 0.0044),
        Term("own_rough", 0.2619, 0.2212, 0.1874),
        Term("own_step", 0.5143, 0.412, 0.0778),
        Term("own_hollow", 0.7897, 1.1684, -0.0563),
        Term("other_near_max", 0.0511, 0.1543, 0.1126),
        Term("other_near_min", -0.1991, 0.2066, -0.0976),
        Term("other_line", -1.8172, 0.5869, 0.1252),
        Term("other_rough", 0.2619, 0.2212, 0.4858),
        Term("other_hollow", 0.7897, 1.1684, 0.1114),
        Term("log_marrow", -0.719, 0.6245, -0.3191),
        Term("log_csf", -1.382, 0.6377, 0.0091),
        Term("log_annulus", 0.7393, 0.4889, 0.0711),
        Term("marrow_against_others", -0.0409, 0.4338, -0.0611),
        Term("others_marrow", -0.6782, 0.5603, -0.2752),
        Term("height_body", 0.3281, 0.1095, -0.1693),
        Term("height_spine", 1.0235, 0.3645, 0.0948),
        Term("aspect", 0.2051, 0.0715, -0.1318),
        Term("displacement", 1.4556, 1.7795, 0.0239),
        Term("sac_relative", 0.817, 0.21, -0.07),
        Term("position", 3.8173, 1.7972, 0.2525),
        Term("lowest", 0.1444, 0.3515, -0.191),
        Term("is_upper", 0.5, 0.5, -0.008),
    ),
    (0.6064,),
    ("aspect",),
)
"""endplate_upper:
n 1177 (97.8% of discs), 447 yes, AUC 0.800 (0.757 to 0.839), ECE 0.033.
endplate_lower:
n 1177 (97.8% of discs), 453 yes, AUC 0.806 (0.765 to 0.844), ECE 0.034."""
