"""The action table: one source of menus, keys and the key map."""

import inspect
from collections.abc import Callable
from pathlib import Path

from lvp_workstation.app.actions import ACTIONS, PERMISSIONS, Context, key_clashes, load_key_map
from lvp_workstation.app.main_window import MainWindow

KEY_MAP = Path(__file__).parents[2] / "resources" / "keymap" / "default.json"


def test_action_ids_are_unique() -> None:
    ids = [action.id for action in ACTIONS]
    assert len(ids) == len(set(ids))


def test_every_key_belongs_to_an_action() -> None:
    assert set(load_key_map(KEY_MAP)) <= {action.id for action in ACTIONS}


def test_no_key_means_two_things_in_one_context() -> None:
    assert key_clashes(load_key_map(KEY_MAP)) == []


def test_a_clash_is_found() -> None:
    keys = {"tool.window": ("W",), "tool.zoom": ("w",)}
    assert key_clashes(keys) == [("W", "tool.window", "tool.zoom")]


def test_the_same_key_may_act_differently_on_grid_and_viewport() -> None:
    grid = next(a.id for a in ACTIONS if a.context is Context.GRID)
    viewport = next(a.id for a in ACTIONS if a.context is Context.VIEWPORT)
    assert key_clashes({grid: ("Up",), viewport: ("Up",)}) == []


def test_user_overrides_replace_default_keys() -> None:
    keys = load_key_map(KEY_MAP, {"tool.window": ["Q"]})
    assert keys["tool.window"] == ("Q",)
    assert keys["tool.zoom"] == ("Z",)


def test_every_action_names_a_method_of_the_main_window() -> None:
    from lvp_workstation.app.main_window import MainWindow

    missing = [
        action.handler for action in ACTIONS if not callable(getattr(MainWindow, action.handler, None))
    ]
    assert missing == []


def test_no_handler_is_hidden_behind_one_that_only_names_it() -> None:
    names = {name for kind in MainWindow.__mro__ for name in vars(kind) if not name.startswith("__")}
    hidden = []
    for name in sorted(names):
        homes = [kind for kind in MainWindow.__mro__ if inspect.isfunction(vars(kind).get(name))]
        stub = [raises_not_implemented(vars(kind)[name]) for kind in homes]
        if stub and stub[0] and not all(stub):
            hidden.append(name)
    assert hidden == []


def raises_not_implemented(function: Callable[..., object]) -> bool:
    return "NotImplementedError" in function.__code__.co_names


def test_permissions_belong_to_actions() -> None:
    assert set(PERMISSIONS) <= {action.id for action in ACTIONS}
