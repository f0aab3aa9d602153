"""Key images."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from lvp_workstation.render.label_lut import OverlayStyle, instance_colour
from lvp_workstation.render.offscreen import FRAME_COLOUR, ImageLine, ImageText, KeyImage, render_key_image
from lvp_workstation.render.raster import draw_polyline, text_box, text_mask
from lvp_workstation.render.scale_bar import nice_length
from lvp_workstation.render.slice_view import slice_view
from lvp_workstation.render.stack import acquired_stack
from lvp_workstation.render.window import Window
from tests.render.samples import blocks, geometry, ramp_volume


def test_a_key_image_shows_labels_lines_and_words() -> None:
    grid = geometry("sagittal")
    volume = ramp_volume(grid)
    ends = grid.index_to_world([(3, 3, 1), (3, 20, 18)])
    request = KeyImage(
        3,
        size=(320, 400),
        window=Window(16000, 4000),
        labels=blocks(grid),
        style=OverlayStyle(fill=1.0, outline=0.0),
        lines=[ImageLine(ends, "9.4 mm", (255, 0, 0))],
        texts=[ImageText(grid.index_to_world((3, 12, 17)), "L4-L5", colour=(0, 255, 0))],
    )
    image = render_key_image(volume, request)
    assert image.shape == (400, 320, 3)
    assert image.dtype == np.uint8
    view = slice_view(acquired_stack(grid), 3, 320, 400)
    x, y = view.world_to_pixel(ends.mean(axis=0))
    assert image[int(y), int(x)].tolist() == [255, 0, 0]
    x, y = view.world_to_pixel(grid.index_to_world((3, 4, 8)))
    assert tuple(image[int(y), int(x)]) == instance_colour("V2")
    assert (image == (0, 255, 0)).all(axis=2).any()


def test_a_part_of_the_slice_can_be_enlarged() -> None:
    grid = geometry("axial")
    whole = render_key_image(ramp_volume(grid), KeyImage(2, size=(100, 100), annotate=False))
    centre = grid.index_to_world((2, 0, 0))
    part = KeyImage(2, size=(100, 100), annotate=False, centre=centre, extent_mm=4)
    assert not np.array_equal(whole, render_key_image(ramp_volume(grid), part))


def test_an_orientation_letter_gives_way_to_a_word() -> None:
    grid = geometry("sagittal")
    view = slice_view(acquired_stack(grid), 3, 320, 400)
    middle = view.centre - view.down * (0.47 * 400 * view.mm_per_pixel)

    def letter_columns(texts: tuple[ImageText, ...]) -> np.ndarray[Any, Any]:
        request = KeyImage(3, size=(320, 400), window=Window(60000, 10), texts=texts)
        strip = render_key_image(ramp_volume(grid), request)[:24]
        return np.flatnonzero((strip == FRAME_COLOUR).all(axis=2).any(axis=0))

    alone = letter_columns(())
    beside = letter_columns((ImageText(middle, "T11-T12?", colour=(0, 255, 0)),))
    word = text_box("T11-T12?", (160.0, 12.0), 12, (0.5, 0.5), bold=True)
    assert word[0] < alone.mean() < word[2]
    assert beside.max() < word[0] or beside.min() > word[2]


def test_nothing_is_written_over_the_heading() -> None:
    grid = geometry("sagittal")
    at, below = grid.index_to_world([(3, 6, 10), (3, 16, 10)])
    heading = ImageText(at, "LEFT  L4-L5", colour=(0, 255, 0))
    words = [ImageText(at, "L2-L3", colour=(255, 0, 0)), ImageText(below, "L4", colour=(0, 0, 255))]

    def pixels(texts: list[ImageText], colour: tuple[int, int, int]) -> int:
        request = KeyImage(3, size=(320, 400), texts=texts, heading=heading)
        image = render_key_image(ramp_volume(grid), request)
        return int((image == colour).all(axis=2).sum())

    assert pixels(words, (0, 255, 0)) == pixels([], (0, 255, 0)) > 0
    assert pixels(words, (255, 0, 0)) == 0
    assert pixels(words, (0, 0, 255)) > 0


@pytest.mark.parametrize("share", [-0.49, 0.49])
def test_a_word_beside_the_border_is_written_whole(share: float) -> None:
    grid = geometry("sagittal")
    view = slice_view(acquired_stack(grid), 3, 320, 400)
    anchor = (1.0, 0.5) if share < 0 else (0.0, 0.5)

    def pixels(across: float) -> int:
        at = (
            view.centre
            + view.right * (across * 320 * view.mm_per_pixel)
            + view.down * (60 * view.mm_per_pixel)
        )
        word = ImageText(at, "L1-L2?", anchor, (0, 255, 0))
        request = KeyImage(3, size=(320, 400), window=Window(60000, 10), texts=(word,))
        return int((render_key_image(ramp_volume(grid), request) == (0, 255, 0)).all(axis=2).sum())

    assert pixels(share) == pixels(0.0) > 0


def test_key_images_need_no_display() -> None:
    script = (
        "from tests.render.samples import *; from lvp_workstation.render.offscreen import *;"
        "g = geometry(); a = render_key_image(ramp_volume(g), KeyImage(3, labels=blocks(g)));"
        "assert a.max() > 0"
    )
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    done = subprocess.run(
        [sys.executable, "-c", script], env=bare, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_lines_outside_the_image_are_left_out() -> None:
    image = np.zeros((10, 10, 3), dtype=np.uint8)
    draw_polyline(image, [(-50, -50), (-20, -20)], (255, 255, 255))
    assert not image.any()
    draw_polyline(image, [(5, 5), (5, 5)], (255, 255, 255), 3)
    assert image[5, 5].tolist() == [255] * 3


def test_words_become_pixels() -> None:
    assert text_mask("84 mm²", 16).max() == pytest.approx(1.0)
    assert text_mask("  ", 16).size == 0


@pytest.mark.parametrize(("room", "length"), [(73, 50), (50, 50), (19.9, 10), (0.3, 0.2), (0, 1)])
def test_scale_bars_have_round_lengths(room: float, length: float) -> None:
    assert nice_length(room) == pytest.approx(length)
