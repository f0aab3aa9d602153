"""Key images: a slice with labels, level names and measured lines as an RGB array.

Works in a process without any display.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from lvp_workstation.domain.geometry import orientation_letters
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.volume import Volume
from lvp_workstation.render.label_lut import Colour, OverlayStyle
from lvp_workstation.render.raster import Rgb, TextBox, draw_polyline, draw_text, text_box
from lvp_workstation.render.resample import Interpolation
from lvp_workstation.render.scale_bar import nice_length
from lvp_workstation.render.slice_scene import Pixels, SliceScene
from lvp_workstation.render.slice_view import slice_view
from lvp_workstation.render.stack import DisplayStack, acquired_stack
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.render.window import Window, auto_window

TEXT_COLOUR: Colour = (236, 236, 230)
LINE_COLOUR: Colour = (255, 221, 87)
FRAME_COLOUR: Colour = (190, 196, 204)
FRAME_STEPS = (0, 1, -1, 2, -2, 3, -3)
"""Where along its edge an orientation letter is tried, in eighths from the middle."""
CLEAR_PIXELS = 4.0


@dataclass(frozen=True, eq=False)
class ImageText:
    """A word at an LPS point; ``anchor`` (0-1, 0-1) is the point of the word that lies there."""

    point: ArrayLike
    text: str
    anchor: tuple[float, float] = (0.5, 0.5)
    colour: Colour = TEXT_COLOUR


@dataclass(frozen=True, eq=False)
class ImageLine:
    """A line through LPS points of shape (n, 3), with a caption at its last point."""

    points: ArrayLike
    caption: str = ""
    colour: Colour = LINE_COLOUR
    closed: bool = False


@dataclass(frozen=True, eq=False)
class KeyImage:
    """What a key image shows.

    Attributes
    ----------
    stack, index
        The slice; ``stack`` None is the stack as acquired.
    size
        Width and height in pixels.
    window
        None takes the window of the volume, or one from its percentiles.
    centre, extent_mm
        Middle (LPS mm) and height of the part that is shown; None shows the whole slice.
    style
        How ``labels`` are drawn.
    heading
        What the picture shows, such as its side; a text that would touch it is left out.
    annotate
        Draw orientation letters and a scale bar.
    """

    index: int
    size: tuple[int, int] = (800, 1000)
    stack: DisplayStack | None = None
    window: Window | None = None
    centre: ArrayLike | None = None
    extent_mm: float | None = None
    labels: LabelMap | None = None
    style: OverlayStyle = field(default_factory=lambda: OverlayStyle(outline_width=2))
    texts: Sequence[ImageText] = ()
    lines: Sequence[ImageLine] = ()
    heading: ImageText | None = None
    annotate: bool = True


def render_key_image(volume: Volume, request: KeyImage) -> Rgb:
    """Return a key image, shape (height, width, 3), uint8 RGB."""
    stack = request.stack or acquired_stack(volume.geometry)
    view = _frame(stack, request)
    scene = SliceScene()
    scene.set_image(volume.array, volume.geometry)
    scene.set_interpolation(Interpolation.CUBIC)
    if request.labels is not None:
        scene.set_labels(request.labels.array, request.labels.geometry)
    image = to_rgb(scene.render(view, request.window or volume_window(volume), request.style))
    scene.dispose()
    _draw_marks(image, view, request)
    return image


def volume_window(volume: Volume) -> Window:
    """Return the stated window of a volume, or one from its percentiles."""
    if volume.window is not None and volume.window[1] > 0:
        return Window(*volume.window)
    return auto_window(volume.array)


def to_rgb(pixels: Pixels) -> Rgb:
    """Return packed 0xAARRGGBB pixels as an RGB array."""
    channels = [(pixels >> shift).astype(np.uint8) for shift in (16, 8, 0)]
    return np.stack(channels, axis=-1)


def _frame(stack: DisplayStack, request: KeyImage) -> ViewTransform:
    width, height = request.size
    view = slice_view(stack, request.index, width, height)
    centre = view.centre if request.centre is None else view.plane.project(request.centre)
    scale = view.mm_per_pixel if request.extent_mm is None else request.extent_mm / height
    return ViewTransform(centre, view.right, view.down, scale, width, height)


def _draw_marks(image: Rgb, view: ViewTransform, request: KeyImage) -> None:
    size = max(12, round(view.height / 40))
    for line in request.lines:
        points = view.world_to_pixel(line.points)
        path = np.vstack([points, points[:1]]) if line.closed else points
        draw_polyline(image, path, line.colour, max(2.0, size / 8))
        if line.caption:
            at = (float(points[-1][0]) + size / 2, float(points[-1][1]))
            draw_text(image, line.caption, at, line.colour, size, bold=True)
    taken: list[TextBox] = []
    if request.heading is not None:
        taken.append(_write(image, view, request.heading, size))
    for text in request.texts:
        if request.heading is None or not _hits(_box(view, text, size), taken[:1]):
            taken.append(_write(image, view, text, size))
    if request.annotate:
        _draw_frame(image, view, size, taken)


def _place(view: ViewTransform, text: ImageText, size: int) -> tuple[float, float]:
    """Return where a word is written: at its point, moved inwards where the picture would cut it off.

    A word whose point lies outside the picture stays outside, cut or not.
    """
    x, y = (float(v) for v in view.world_to_pixel(text.point))
    if not (0 <= x <= view.width and 0 <= y <= view.height):
        return x, y
    left, top, right, bottom = text_box(text.text, (x, y), size, text.anchor, bold=True)
    x += max(0.0, -left) - max(0.0, right - view.width)
    y += max(0.0, -top) - max(0.0, bottom - view.height)
    return x, y


def _box(view: ViewTransform, text: ImageText, size: int) -> TextBox:
    return text_box(text.text, _place(view, text, size), size, text.anchor, bold=True)


def _write(image: Rgb, view: ViewTransform, text: ImageText, size: int) -> TextBox:
    """Draw a word and return the box that it takes."""
    draw_text(image, text.text, _place(view, text, size), text.colour, size, text.anchor, bold=True)
    return _box(view, text, size)


def _hits(box: TextBox, others: Sequence[TextBox]) -> bool:
    """Whether a box comes nearer than `CLEAR_PIXELS` to one of the others."""
    left, top, right, bottom = box
    gap = CLEAR_PIXELS
    return any(
        left < r + gap and right > x - gap and top < b + gap and bottom > t - gap for x, t, r, b in others
    )


def _draw_frame(image: Rgb, view: ViewTransform, size: int, taken: Sequence[TextBox]) -> None:
    """Draw orientation letters, each on its edge where no word stands, and the scale bar."""
    width, height = view.width, view.height
    edges = (
        (-view.right, (size / 2, height / 2), (0.0, height / 8), (0.0, 0.5)),
        (view.right, (width - size / 2, height / 2), (0.0, height / 8), (1.0, 0.5)),
        (-view.down, (width / 2, size / 2), (width / 8, 0.0), (0.5, 0.0)),
        (view.down, (width / 2, height - size / 2), (width / 8, 0.0), (0.5, 1.0)),
    )
    for direction, middle, step, anchor in edges:
        letters = orientation_letters(direction)
        places = [(middle[0] + n * step[0], middle[1] + n * step[1]) for n in FRAME_STEPS]
        free = (p for p in places if not _hits(text_box(letters, p, size, anchor, bold=True), taken))
        draw_text(image, letters, next(free, middle), FRAME_COLOUR, size, anchor, bold=True)
    length = nice_length(view.mm_per_pixel * height * 0.3)
    pixels, x, y = length / view.mm_per_pixel, width - size, height - 2.5 * size
    draw_polyline(image, [(x, y - pixels), (x, y)], FRAME_COLOUR, 2)
    for end in (y - pixels, y):
        draw_polyline(image, [(x - size / 2, end), (x, end)], FRAME_COLOUR, 2)
    draw_text(image, f"{length:g} mm", (x, y + size), FRAME_COLOUR, size, (1.0, 0.5))
