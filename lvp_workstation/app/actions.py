"""Every action of the program, as data; menus, shortcuts and the key map are made from this table.

Default keys stand in ``resources/keymap/default.json``, user overrides in the settings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lvp_workstation.domain.people import Permission


class Context(StrEnum):
    """Where an action's keys work; digits act on what has the keyboard focus."""

    WINDOW = "window"
    VIEWPORT = "viewport"
    GRID = "grid"


@dataclass(frozen=True)
class Action:
    """One thing the program can do.

    ``handler`` is the name of a method of the main window; ``needs`` names the state it needs
    (``study``, ``reading``, ``draft``, and ``behind`` for a study behind the worklist), empty for always;
    ``also`` holds words of other programs and of the protocol by which the palette finds it, too.
    """

    id: str
    title: str
    category: str
    handler: str
    menu: str = ""
    context: Context = Context.WINDOW
    needs: str = ""
    undoable: bool = False
    also: str = ""


_W, _V, _G = Context.WINDOW, Context.VIEWPORT, Context.GRID

ACTIONS: tuple[Action, ...] = (
    Action("file.open_folder", "Open folder …", "File", "open_folder", "&File"),
    Action("file.open_files", "Open files or archive …", "File", "open_files", "&File"),
    Action("file.demo", "Open the demo study", "File", "open_demo", "&File"),
    Action(
        "file.export",
        "Export report, segmentation and labels …",
        "File",
        "export_results",
        "&File",
        needs="reading",
        also="save PDF DICOM SEG Word HL7",
    ),
    Action("file.worklist", "Worklist", "Worklist", "show_worklist", "&Worklist"),
    Action("file.images", "Back to the images", "Worklist", "show_images", "&Worklist", needs="behind"),
    Action("worklist.add", "Add studies to the worklist …", "Worklist", "add_studies", "&Worklist"),
    Action("worklist.lists", "Lists and their modes …", "Worklist", "look_after_lists", "&Worklist"),
    Action("worklist.pause", "AI queue: pause / go on", "Worklist", "pause_pre_reads", "&Worklist"),
    Action("worklist.when", "AI queue: when it works …", "Worklist", "choose_pre_read", "&Worklist"),
    Action("people.comments", "Comments …", "People", "show_comments", "&Worklist", needs="study"),
    Action("people.lock", "Lock the screen", "People", "lock_screen", "&Worklist"),
    Action("people.sign_out", "Sign out", "People", "sign_out", "&Worklist"),
    Action("people.password", "New password …", "People", "change_password", "&Worklist"),
    Action("people.encrypt", "Encryption and passphrase …", "People", "encrypt", "&Worklist"),
    Action("people.accounts", "Accounts …", "People", "look_after_people", "&Worklist"),
    Action("file.reader", "Reader's name …", "File", "name_reader", "&File"),
    Action("file.reopen", "Open the reading again", "File", "reopen_reading", "&File", needs="study"),
    Action("file.quit", "Quit", "File", "close", "&File"),
    Action("edit.undo", "Undo", "Edit", "undo", "&Edit", needs="draft"),
    Action("edit.redo", "Redo", "Edit", "redo", "&Edit", needs="draft"),
    Action("ai.analyse", "Run the analysis", "AI", "run_analysis", "&AI", needs="study"),
    Action("ai.cancel", "Stop the analysis", "AI", "cancel_analysis", "&AI", needs="study"),
    Action("ai.peek", "Hide AI overlay while held", "AI", "peek", "&AI", needs="reading"),
    Action(
        "ai.lock", "Lock my grades of this level and show the AI", "AI", "lock_level", "&AI", needs="draft"
    ),
    Action(
        "ai.lock_study",
        "Lock all levels and show the AI",
        "AI",
        "lock_study",
        "&AI",
        needs="draft",
    ),
    Action(
        "ai.accept_normal",
        "Accept normal levels …",
        "AI",
        "accept_normal",
        "&AI",
        needs="draft",
        undoable=True,
    ),
    Action(
        "ai.mode",
        "Mode of reading …",
        "AI",
        "choose_mode",
        "&AI",
        needs="draft",
        also="manual independent first concurrent AI second",
    ),
    Action("level.previous", "Previous level", "Levels", "previous_level", "&Levels", needs="reading"),
    Action("level.next", "Next level", "Levels", "next_level", "&Levels", needs="reading"),
    Action(
        "level.confirm",
        "Confirm the numbering",
        "Levels",
        "confirm_numbering",
        "&Levels",
        needs="draft",
        undoable=True,
    ),
    Action(
        "level.shift_up",
        "Shift all labels up",
        "Levels",
        "shift_labels_up",
        "&Levels",
        needs="draft",
        undoable=True,
    ),
    Action(
        "level.shift_down",
        "Shift all labels down",
        "Levels",
        "shift_labels_down",
        "&Levels",
        needs="draft",
        undoable=True,
    ),
    Action(
        "level.relabel",
        "Name this vertebra …",
        "Levels",
        "relabel_vertebra",
        "&Levels",
        needs="draft",
        undoable=True,
    ),
    Action(
        "level.lumbar4",
        "Four lumbar bodies",
        "Levels",
        "four_lumbar",
        "&Levels",
        needs="draft",
        undoable=True,
    ),
    Action(
        "level.lumbar5",
        "Five lumbar bodies",
        "Levels",
        "five_lumbar",
        "&Levels",
        needs="draft",
        undoable=True,
    ),
    Action(
        "level.lumbar6", "Six lumbar bodies", "Levels", "six_lumbar", "&Levels", needs="draft", undoable=True
    ),
    Action(
        "grid.accept", "Accept the AI's grade", "Findings", "accept_finding", "F&indings", _G, "draft", True
    ),
    Action("grid.edit", "Edit the grade", "Findings", "edit_finding", "F&indings", _G, "draft", True),
    Action(
        "grid.reject", "Reject the AI's grade", "Findings", "reject_finding", "F&indings", _G, "draft", True
    ),
    Action("grid.clear", "Clear the grade", "Findings", "clear_finding", "F&indings", _G, "draft", True),
    Action("report.text", "Report text …", "Report", "edit_texts", "&Report", needs="reading", undoable=True),
    Action(
        "report.critical", "Critical finding told …", "Report", "record_critical", "&Report", needs="draft"
    ),
    Action("report.panel", "Report beside the images on / off", "Report", "toggle_report", "&Report"),
    Action("report.focus", "Keyboard to the report", "Report", "focus_report", "&Report", needs="reading"),
    Action("report.folder", "Header and wording of the report …", "Report", "open_report_folder", "&Report"),
    Action(
        "report.signed_folder", "Folder of signed reports …", "Report", "choose_reports_folder", "&Report"
    ),
    Action("report.language", "Language of the report …", "Report", "choose_report_language", "&Report"),
    Action(
        "report.preview", "Show the report as PDF", "Report", "preview_report", "&Report", needs="reading"
    ),
    Action(
        "report.preliminary",
        "Release as preliminary",
        "Report",
        "release_preliminary",
        "&Report",
        needs="draft",
    ),
    Action("report.addendum", "Addendum …", "Report", "begin_addendum", "&Report", needs="reading"),
    Action("report.join", "Decide between readings …", "Report", "join_readings", "&Report", needs="reading"),
    Action(
        "report.compare", "Results side by side …", "Report", "compare_results", "&Report", needs="reading"
    ),
    Action("report.sign", "Sign …", "Report", "sign_reading", "&Report", needs="draft"),
    Action("tool.window", "Window / level", "Tools", "tool_window", "&Tools"),
    Action("tool.zoom", "Zoom", "Tools", "tool_zoom", "&Tools"),
    Action("tool.pan", "Pan", "Tools", "tool_pan", "&Tools"),
    Action("tool.scroll", "Scroll", "Tools", "tool_scroll", "&Tools"),
    Action("tool.distance", "Distance", "Tools", "tool_distance", "&Tools", needs="study"),
    Action("tool.angle", "Angle", "Tools", "tool_angle", "&Tools", needs="study"),
    Action("tool.cobb", "Cobb angle", "Tools", "tool_cobb", "&Tools", needs="study"),
    Action("tool.roi", "Ellipse: area and signal", "Tools", "tool_roi", "&Tools", needs="study"),
    Action("tool.polygon", "Polygon: area and signal", "Tools", "tool_polygon", "&Tools", needs="study"),
    Action("tool.freehand", "Freehand: area and signal", "Tools", "tool_freehand", "&Tools", needs="study"),
    Action("tool.point", "Point: signal", "Tools", "tool_point", "&Tools", needs="study"),
    Action("tool.arrow", "Arrow", "Tools", "tool_arrow", "&Tools", needs="study"),
    Action("tool.text", "Text", "Tools", "tool_text", "&Tools", needs="study"),
    Action("tool.disc_height", "Disc height", "Tools", "tool_disc_height", "&Tools", needs="study"),
    Action("tool.canal_ap", "Canal AP", "Tools", "tool_canal_ap", "&Tools", needs="study"),
    Action("tool.slip", "Slip", "Tools", "tool_slip", "&Tools", needs="study"),
    Action("tool.lordosis", "Lordosis", "Tools", "tool_lordosis", "&Tools", needs="study"),
    Action("tool.snap", "Spine tools snap to edges on / off", "Tools", "toggle_snap", "&Tools"),
    Action("tool.marks", "Measurements and key images …", "Tools", "list_marks", "&Tools", needs="study"),
    Action(
        "tool.copy_mark",
        "Copy the measurement to the report",
        "Tools",
        "copy_mark",
        "&Tools",
        _V,
        "draft",
        True,
    ),
    Action("tool.delete_mark", "Delete the measurement", "Tools", "delete_mark", "&Tools", _V, "draft", True),
    Action("tool.brush", "Brush", "Tools", "tool_brush", "&Tools", needs="draft", undoable=True),
    Action("tool.eraser", "Eraser", "Tools", "tool_eraser", "&Tools", needs="draft", undoable=True),
    Action("hang.choose", "Hanging protocol …", "Hanging", "choose_hanging", "Han&ging", needs="study"),
    Action("hang.next", "Next stage", "Hanging", "next_stage", "Han&ging", needs="study"),
    Action("hang.previous", "Previous stage", "Hanging", "previous_stage", "Han&ging", needs="study"),
    Action("hang.grid", "Grid of viewports …", "Hanging", "choose_grid", "Han&ging"),
    Action("hang.save", "Save this layout …", "Hanging", "save_hanging", "Han&ging", needs="study"),
    Action("mouse.edit", "Mouse map …", "Mouse", "edit_mouse", "Mo&use"),
    Action("mouse.default", "Mouse: default", "Mouse", "mouse_default", "Mo&use"),
    Action("mouse.stack_scroll", "Mouse: stack scroll", "Mouse", "mouse_stack_scroll", "Mo&use"),
    Action("mouse.ihe_bir", "Mouse: IHE BIR", "Mouse", "mouse_ihe_bir", "Mo&use"),
    Action(
        "seg.fill", "Fill an outline or a hole", "Segmentation", "tool_fill", "&Segmentation", needs="draft"
    ),
    Action("seg.grow", "Grow from here", "Segmentation", "tool_grow", "&Segmentation", needs="draft"),
    Action("seg.piece", "Relabel a piece", "Segmentation", "tool_relabel", "&Segmentation", needs="draft"),
    Action("seg.split", "Split a structure", "Segmentation", "tool_split", "&Segmentation", needs="draft"),
    Action("seg.merge", "Merge structures", "Segmentation", "tool_merge", "&Segmentation", needs="draft"),
    Action(
        "seg.pick", "Paint this structure", "Segmentation", "pick_structure", "&Segmentation", _V, "draft"
    ),
    Action(
        "seg.smooth",
        "Smooth the structure",
        "Segmentation",
        "smooth_structure",
        "&Segmentation",
        _V,
        "draft",
        True,
    ),
    Action(
        "seg.between",
        "Interpolate between corrected slices",
        "Segmentation",
        "interpolate_structure",
        "&Segmentation",
        _V,
        "draft",
        True,
    ),
    Action("seg.smaller", "Brush smaller", "Segmentation", "brush_smaller", "&Segmentation", _V, "study"),
    Action("seg.larger", "Brush larger", "Segmentation", "brush_larger", "&Segmentation", _V, "study"),
    Action(
        "seg.relabel",
        "Give the structure at the cursor another label …",
        "Segmentation",
        "relabel_structure",
        "&Segmentation",
        needs="draft",
        undoable=True,
    ),
    Action(
        "seg.delete",
        "Delete the structure at the cursor",
        "Segmentation",
        "delete_structure",
        "&Segmentation",
        needs="draft",
        undoable=True,
    ),
    Action("view.key_image", "Key image", "View", "mark_key_image", "&View", needs="study"),
    Action("view.copy_image", "Copy the image", "View", "copy_image", "&View", needs="study"),
    Action("view.save_image", "Save the image …", "View", "save_image", "&View", needs="study"),
    Action("view.annotations", "Annotations on / off", "View", "toggle_annotations", "&View"),
    Action("view.overlay", "Segmentation on / off", "View", "toggle_overlay", "&View"),
    Action("view.reset", "Reset the view", "View", "escape", "&View"),
    Action("view.level_plane", "Turn computed planes back to the level", "View", "level_plane", "&View"),
    Action("view.slice_up", "Previous slice", "View", "slice_previous", "", _V, "study"),
    Action("view.slice_down", "Next slice", "View", "slice_next", "", _V, "study"),
    Action("view.first", "First slice", "View", "slice_first", "", _V, "study"),
    Action("view.last", "Last slice", "View", "slice_last", "", _V, "study"),
    Action("view.series_previous", "Previous series", "View", "series_previous", "", _V, "study"),
    Action("view.series_next", "Next series", "View", "series_next", "", _V, "study"),
    Action("view.findings", "Levels and findings on / off", "View", "toggle_findings", "&View"),
    Action("view.series", "List of series on / off", "View", "toggle_series", "&View"),
    Action("view.detach_images", "Images in a window of their own", "View", "detach_images", "&View"),
    Action("view.detach_findings", "Findings in a window of their own", "View", "detach_findings", "&View"),
    Action("view.focus_grid", "Keyboard to the findings grid", "View", "focus_grid", "&View"),
    Action("view.focus_viewport", "Keyboard to the images", "View", "focus_viewport", "&View"),
    Action(
        "prior.compare",
        "Earlier examination beside",
        "Images",
        "compare_prior",
        "I&mages",
        needs="study",
    ),
    Action(
        "prior.table", "Measured then and now …", "Images", "show_prior_table", "I&mages", needs="reading"
    ),
    Action("look.invert", "Invert grey values", "Images", "invert_greys", "I&mages", needs="study"),
    Action("look.discs", "Window from the discs", "Images", "window_of_discs", "I&mages", needs="study"),
    Action("look.canal", "Window from the canal", "Images", "window_of_canal", "I&mages", needs="study"),
    Action("look.acquired", "As acquired", "Images", "show_acquired", "I&mages", needs="study"),
    Action("look.sagittal", "Computed sagittal", "Images", "show_sagittal", "I&mages", needs="study"),
    Action("look.coronal", "Computed coronal", "Images", "show_coronal", "I&mages", needs="study"),
    Action("look.axial", "Computed axial", "Images", "show_axial", "I&mages", needs="study"),
    Action("look.slab", "Slab: none, MIP, mean, MinIP", "Images", "next_slab", "I&mages", needs="study"),
    Action("look.thicker", "Slab thicker", "Images", "thicker_slab", "I&mages", _V, "study"),
    Action("look.thinner", "Slab thinner", "Images", "thinner_slab", "I&mages", _V, "study"),
    Action("look.surfaces", "Surfaces in 3-D", "Images", "toggle_surfaces", "I&mages", needs="study"),
    Action("look.clip", "Cut the surfaces", "Images", "clip_surfaces", "I&mages", needs="study"),
    Action("look.curved", "Curved along the canal", "Images", "next_curved", "I&mages", needs="study"),
    Action("look.link", "Link series by the same place", "Images", "link_by_hand", "I&mages", needs="study"),
    Action("look.unlink", "Undo the link of the series", "Images", "unlink", "I&mages", needs="study"),
    Action("look.cine", "Cine on / off", "Images", "toggle_cine", "I&mages", needs="study"),
    Action("look.faster", "Cine faster", "Images", "faster_cine", "I&mages", _V, "study"),
    Action("look.slower", "Cine slower", "Images", "slower_cine", "I&mages", _V, "study"),
    Action("settings.letters", "Size of letters …", "Settings", "choose_letters", "&Settings"),
    Action("settings.palette", "Colours of structures …", "Settings", "choose_palette", "&Settings"),
    Action("settings.keys", "Keys …", "Settings", "show_key_map", "&Settings"),
    Action("settings.toolbar", "Tool bar on / off", "Settings", "toggle_toolbar", "&Settings"),
    Action(
        "settings.axial", "Grades from axial images on / off", "Settings", "toggle_axial_grades", "&Settings"
    ),
    Action("settings.language", "Language / 语言 …", "Settings", "choose_language", "&Settings"),
    Action("help.commands", "Commands …", "Help", "show_commands", "&Help"),
    Action("help.print_keys", "Key map as PDF …", "Help", "print_key_map", "&Help"),
    Action("help.keys", "Key map", "Help", "show_key_map", "&Help"),
    Action("help.about", "About", "Help", "show_about", "&Help"),
)

PERMISSIONS: Mapping[str, Permission] = {
    "file.export": Permission.EXPORT,
    "view.copy_image": Permission.EXPORT,
    "view.save_image": Permission.EXPORT,
    "report.sign": Permission.SIGN,
    "report.preliminary": Permission.SIGN,
    "report.addendum": Permission.SIGN,
    "report.join": Permission.JOIN,
    "ai.accept_normal": Permission.ACCEPT_NORMAL,
    "ai.analyse": Permission.READ,
    "worklist.add": Permission.ARRANGE,
    "worklist.pause": Permission.ARRANGE,
    "worklist.lists": Permission.ADMINISTER,
    "people.accounts": Permission.ADMINISTER,
    "people.encrypt": Permission.ADMINISTER,
}
"""What an action needs to be permitted; those that change a reading need `Permission.READ` besides.

They are only offered by it: what is done is checked where it is done.
"""

MENUS: tuple[str, ...] = tuple(dict.fromkeys(action.menu for action in ACTIONS if action.menu))
"""Menu titles in order."""

KeyMap = Mapping[str, tuple[str, ...]]
"""Action id to key sequences as Qt writes them."""


def load_key_map(
    path: Path, overrides: Mapping[str, Iterable[str]] | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the key map of a file with the user's overrides."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    keys = {action: tuple(sequences) for action, sequences in raw.items()}
    keys.update({action: tuple(sequences) for action, sequences in (overrides or {}).items()})
    return keys


def key_clashes(keys: KeyMap) -> list[tuple[str, str, str]]:
    """Return (key, action, action) for every key that two actions of one context share.

    Keys of the whole window clash with those of every context.
    """
    by_id = {action.id: action for action in ACTIONS}
    clashes = []
    entries = [(by_id[a].context, key, a) for a, sequences in keys.items() if a in by_id for key in sequences]
    for n, (context, key, first) in enumerate(entries):
        for other_context, other_key, second in entries[n + 1 :]:
            shared = context is other_context or Context.WINDOW in (context, other_context)
            if shared and key.casefold() == other_key.casefold():
                clashes.append((key, first, second))
    return clashes
