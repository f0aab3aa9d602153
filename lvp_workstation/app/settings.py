"""The user's settings: one small JSON file, read once and written atomically."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import platformdirs

from lvp_workstation.domain.accept_normal import ACCEPT_NORMAL_MIN_PROBABILITY
from lvp_workstation.domain.reading import ReadingMode, RevealBy, Role

log = logging.getLogger(__name__)
LOCAL_READER = "local"
"""Owner of the readings of this workstation; who decided what stands in each edit."""
LOCAL_TRAINEE = "local trainee"
"""Owner of those that are read for training."""
APP_NAME = "lvp_workstation"


@dataclass
class Settings:
    """What a user may choose; defaults are those of a new installation."""

    reader: str = ""
    mode: str = ReadingMode.INDEPENDENT_FIRST.value
    reveal_by: str = RevealBy.LEVEL.value
    """Whether independent first reveals level by level or the whole study at once."""
    role: str = Role.READER.value
    """Reader or trainee; readings of each role are kept apart."""
    separate_readers: bool = False
    """Each named reader has readings of one's own; else those of this workstation are shared."""
    database: str = ""
    """URL of a PostgreSQL database that several workstations share; empty is the local file."""
    analyse_on_open: bool = True
    accept_normal_min_probability: float = ACCEPT_NORMAL_MIN_PROBABILITY
    axial_grades: bool = False
    """Show what the axial model says: synthetic training, not validated on patients."""
    trainee: bool = False
    lock_minutes: float = 10.0
    """Minutes without a touch after which the screen is locked where people sign in or a passphrase is set;
    0 never locks (our choice: 10)."""
    staffed: bool = False
    """Whether people had to sign in at the last start: the next one shows nothing before."""
    pre_read: str = "idle"
    """When queued studies are analysed: ``off``, ``idle``, ``night`` or ``always``; see `app.pre_reads`."""
    night: list[int] = field(default_factory=lambda: [20, 6])
    """Hours, local time, from and to which the night lasts."""
    overlay_opacity: float = 0.35
    window: list[int] = field(default_factory=list)
    """Place of the main window as it was left, see `window_place.place_of`."""
    toolbar: bool = False
    """Whether the tool bar is shown."""
    hanging: str = ""
    """Id of the hanging protocol that is tried first; empty leaves it to their priorities."""
    detached: dict[str, list[int]] = field(default_factory=dict)
    """Parts that were left in windows of their own, and where: x, y, width, height."""
    mouse_profile: str = "default"
    """Name of the mouse map, see `viewer.mouse_map`."""
    mouse: dict[str, dict[str, str]] = field(default_factory=dict)
    """Name of a mouse map to gestures that the user bound anew; an empty tool unbinds."""
    snap_to_edges: bool = True
    """Lines of the spine tools are drawn on to the edges of the image beside them."""
    reports: str = ""
    """Folder that signed reports are written into; empty is ``reports`` in the data folder."""
    letters_percent: int = 100
    """Size of letters: 100, 125, 150 or 200 percent."""
    palette: str = "default"
    """Colours of segmented structures, see `render.label_lut.PALETTES`."""
    language: str = ""
    """Language of the interface, see `viewer.language`; empty is that of the system."""
    report_language: str = "en"
    """Language of the printed report, see `report.phrases.languages`."""
    threads: int = 0
    """Inference threads; 0 = one for each core."""
    keys: dict[str, list[str]] = field(default_factory=dict)
    """Action id to key sequences that replace the default ones."""

    @property
    def reading_mode(self) -> ReadingMode:
        """The mode of new readings; an unknown word falls back to independent first."""
        known = {mode.value: mode for mode in ReadingMode}
        return known.get(self.mode, ReadingMode.INDEPENDENT_FIRST)

    @property
    def revealed_together(self) -> RevealBy:
        """What independent first reveals together; an unknown word falls back to the level."""
        return RevealBy.STUDY if self.reveal_by == RevealBy.STUDY.value else RevealBy.LEVEL

    @property
    def owner(self) -> str:
        """Whose readings are opened; readings of different owners stand side by side."""
        if self.separate_readers and self.reader:
            return self.reader
        return LOCAL_TRAINEE if self.reading_role is Role.TRAINEE else LOCAL_READER

    @property
    def reading_role(self) -> Role:
        """The role of new readings; an unknown word falls back to reader."""
        return Role.TRAINEE if self.role == Role.TRAINEE.value or self.trainee else Role.READER


def data_folder() -> Path:
    """Return the folder of the database and logs; ``LVP_DATA`` overrides it."""
    override = os.environ.get("LVP_DATA")
    return Path(override) if override else Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def settings_file() -> Path:
    """Return the settings file; ``LVP_DATA`` overrides its folder."""
    override = os.environ.get("LVP_DATA")
    folder = Path(override) if override else Path(platformdirs.user_config_dir(APP_NAME, appauthor=False))
    return folder / "settings.json"


def load_settings(path: Path) -> Settings:
    """Return the settings of a file; an absent or unreadable file gives the defaults."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        log.warning("settings %s cannot be read (%s); defaults are used", path.name, error)
        return Settings()
    known = {f.name for f in fields(Settings)}
    return Settings(**{key: value for key, value in raw.items() if key in known})


def save_settings(settings: Settings, path: Path) -> None:
    """Write the settings to a file, replacing it in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_suffix(".new")
    staged.write_text(json.dumps(asdict(settings), indent=2, ensure_ascii=False), encoding="utf-8")
    os.replace(staged, path)
