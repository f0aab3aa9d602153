"""How scanners of different makers would label the series of a phantom.

The words and codes follow what such scanners write in their headers (our choice among them); the study
stays marked as synthetic whatever it imitates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite


@dataclass(frozen=True)
class Flavour:
    """Header habits of one maker.

    Attributes
    ----------
    descriptions
        SeriesDescription by the description of the phantom's own protocol; others stay.
    sequence
        SequenceName, ``{}`` stands for the echo train length.
    """

    manufacturer: str
    model_name: str
    software_version: str
    image_type: tuple[str, ...]
    variant: tuple[str, ...]
    options: tuple[str, ...] = ()
    sequence: str = ""
    descriptions: Mapping[str, str] = field(default_factory=dict)


FLAVOURS: Mapping[str, Flavour] = MappingProxyType(
    {
        "siemens": Flavour(
            "SIEMENS",
            "phantom, Siemens habits",
            "syngo MR",
            ("ORIGINAL", "PRIMARY", "M", "ND", "NORM"),
            ("SK", "SP", "OSP"),
            ("PFP", "SAT2"),
            "*tse2d1_{}",
            {
                "SAG T2 TSE": "t2_tse_sag",
                "SAG T1 TSE": "t1_tse_sag",
                "SAG STIR": "t2_tirm_sag",
                "AX T2 TSE": "t2_tse_tra_msma",
                "AX T2 TSE STACK": "t2_tse_tra",
                "AX T1 TSE": "t1_tse_tra",
            },
        ),
        "ge": Flavour(
            "GE MEDICAL SYSTEMS",
            "phantom, GE habits",
            "DV",
            ("ORIGINAL", "PRIMARY", "OTHER"),
            ("SK",),
            ("FAST_GEMS", "NPW", "TRF_GEMS", "FILTERED_GEMS"),
            "",
            {
                "SAG T2 TSE": "Sag T2 FSE",
                "SAG T1 TSE": "Sag T1 FSE",
                "SAG STIR": "Sag STIR",
                "AX T2 TSE": "Ax T2 FSE Angled",
                "AX T2 TSE STACK": "Ax T2 FSE",
                "AX T1 TSE": "Ax T1 FSE",
                "LOCALIZER": "3-PLANE LOC",
            },
        ),
        "philips": Flavour(
            "Philips Medical Systems",
            "phantom, Philips habits",
            "R5",
            ("ORIGINAL", "PRIMARY", "M_SE", "M", "SE"),
            ("SK",),
            ("OTHER",),
            "",
            {
                "SAG T2 TSE": "T2W_TSE SAG",
                "SAG T1 TSE": "T1W_TSE SAG",
                "SAG STIR": "STIR_TSE SAG",
                "AX T2 TSE": "T2W_TSE TRA DISC",
                "AX T2 TSE STACK": "T2W_TSE TRA",
                "AX T1 TSE": "T1W_TSE TRA",
                "LOCALIZER": "SURVEY",
            },
        ),
    }
)
"""Makers by name."""
VARIED_PRESETS = frozenset({"random", "evaluation"})
"""Presets that come from one site after another."""


def flavour_of(preset: str, seed: int) -> Flavour | None:
    """Return the habits a phantom is written with; None are our own."""
    if preset not in VARIED_PRESETS:
        return None
    return (*FLAVOURS.values(), None)[seed % (len(FLAVOURS) + 1)]


def flavoured_study(target: StudyToWrite, flavour: Flavour | None) -> StudyToWrite:
    """Return the study with the maker's equipment."""
    if flavour is None:
        return target
    return replace(
        target,
        manufacturer=flavour.manufacturer,
        model_name=flavour.model_name,
        software_version=flavour.software_version,
    )


def flavoured_series(protocol: MrProtocol, flavour: Flavour | None) -> MrProtocol:
    """Return the series as the maker would label it."""
    if flavour is None:
        return protocol
    return replace(
        protocol,
        description=flavour.descriptions.get(protocol.description, protocol.description),
        image_type=flavour.image_type,
        sequence_variant=flavour.variant,
        scan_options=flavour.options,
        sequence_name=flavour.sequence.format(protocol.echo_train_length),
    )
