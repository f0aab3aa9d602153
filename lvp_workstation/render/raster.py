"""Lines and words drawn into RGB arrays, without a window system."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import ArrayLike, NDArray
from vtkmodules import vtkRenderingFreeType  # noqa: F401  (registers the font renderer)
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import VTK_FONT_FILE
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkRenderingCore import vtkTextProperty, vtkTextRenderer

from lvp_workstation.assets import asset_path
from lvp_workstation.render.label_lut import Colour

Rgb = NDArray[np.uint8]
"""Shape (height, width, 3)."""

LATIN = 0x024F
"""Last character of the extended Latin letters: the built-in font holds no others (our choice)."""
WIDE_FONT = "DroidSansFallback.ttf"
"""Chinese, Japanese and Korean."""
WORD_GAP = 0.3
"""Room between characters of both fonts, in their size (our choice)."""

_DPI = 72
_HALO: Colour = (0, 0, 0)


def draw_polyline(image: Rgb, points: ArrayLike, colour: Colour, width: float = 2.0) -> None:
    """Draw an anti-aliased line through pixel coordinates of shape (n, 2) into ``image``."""
    path = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    for start, end in itertools.pairwise(path):
        _draw_segment(image, start, end, colour, width)


def _draw_segment(
    image: Rgb, start: NDArray[np.float64], end: NDArray[np.float64], colour: Colour, width: float
) -> None:
    reach = width / 2 + 1
    height, columns = image.shape[:2]
    left, top = np.floor(np.minimum(start, end) - reach).astype(int)
    right, bottom = np.ceil(np.maximum(start, end) + reach).astype(int)
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, columns), min(bottom, height)
    if left >= right or top >= bottom:
        return
    y, x = np.mgrid[top:bottom, left:right] + 0.5
    along = end - start
    length2 = max(float(along @ along), 1e-12)
    share = np.clip(((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length2, 0, 1)
    distance = np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])
    _blend(image[top:bottom, left:right], np.clip(width / 2 + 0.5 - distance, 0, 1), colour)


def text_mask(text: str, size: int, bold: bool = False) -> NDArray[np.float32]:
    """Return the coverage (0-1) of a line of text, shape (rows, columns), tightly cropped.

    Characters beyond the Latin ones come from the packaged wide font, which holds no Latin ones.
    """
    runs = ["".join(run) for _, run in itertools.groupby(text, key=lambda c: ord(c) > LATIN)]
    masks = [mask for run in runs if (mask := _run_mask(run, size, bold)).size]
    if len(masks) < 2:
        return masks[0] if masks else np.zeros((0, 0), dtype=np.float32)
    rows = max(mask.shape[0] for mask in masks)
    gap = np.zeros((rows, round(WORD_GAP * size)), dtype=np.float32)
    parts = [gap] * (2 * len(masks) - 1)
    for place, mask in enumerate(masks):
        above = (rows - mask.shape[0]) // 2
        parts[2 * place] = np.pad(mask, ((above, rows - mask.shape[0] - above), (0, 0)))
    return np.concatenate(parts, axis=1)


def _run_mask(text: str, size: int, bold: bool) -> NDArray[np.float32]:
    """Return the coverage of characters of one font, tightly cropped."""
    style = vtkTextProperty()
    style.SetFontSize(size)
    style.SetBold(bold)
    style.SetColor(1.0, 1.0, 1.0)
    if text and ord(text[0]) > LATIN:
        style.SetFontFamily(VTK_FONT_FILE)
        style.SetFontFile(str(asset_path("resources", "fonts", WIDE_FONT)))
    canvas = vtkImageData()
    if not text.strip() or not vtkTextRenderer.GetInstance().RenderString(style, text, canvas, [0, 0], _DPI):
        return np.zeros((0, 0), dtype=np.float32)
    columns, rows, _ = canvas.GetDimensions()
    rgba = vtk_to_numpy(canvas.GetPointData().GetScalars()).reshape(rows, columns, -1)
    alpha: NDArray[np.float32] = rgba[::-1, :, 3].astype(np.float32) / 255
    used_rows, used_columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if used_rows.size == 0:
        return np.zeros((0, 0), dtype=np.float32)
    return alpha[used_rows[0] : used_rows[-1] + 1, used_columns[0] : used_columns[-1] + 1]


TextBox = tuple[float, float, float, float]
"""Left, top, right and bottom of a word, pixels."""


def text_box(
    text: str, at: tuple[float, float], size: int, anchor: tuple[float, float], bold: bool = False
) -> TextBox:
    """Return where `draw_text` puts a word."""
    rows, columns = text_mask(text, size, bold).shape
    left, top = at[0] - anchor[0] * columns, at[1] - anchor[1] * rows
    return left, top, left + columns, top + rows


def draw_text(
    image: Rgb,
    text: str,
    at: tuple[float, float],
    colour: Colour = (235, 235, 235),
    size: int = 16,
    anchor: tuple[float, float] = (0.0, 0.5),
    bold: bool = False,
) -> None:
    """Draw text with a dark halo; ``anchor`` (0-1, 0-1) is the point of the text that lies at ``at``."""
    mask = text_mask(text, size, bold)
    rows, columns = mask.shape
    if rows == 0:
        return
    left, top = round(at[0] - anchor[0] * columns), round(at[1] - anchor[1] * rows)
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)):
        _stamp(image, mask, left + dx, top + dy, _HALO)
    _stamp(image, mask, left, top, colour)


def _stamp(image: Rgb, mask: NDArray[np.float32], left: int, top: int, colour: Colour) -> None:
    height, width = image.shape[:2]
    rows, columns = mask.shape
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + columns, width), min(top + rows, height)
    if x0 < x1 and y0 < y1:
        _blend(image[y0:y1, x0:x1], mask[y0 - top : y1 - top, x0 - left : x1 - left], colour)


def _blend(region: Rgb, coverage: NDArray[np.floating], colour: Colour) -> None:
    share = np.asarray(coverage, dtype=np.float32)[..., None]
    region[...] = np.rint(region * (1 - share) + np.array(colour, dtype=np.float32) * share).astype(np.uint8)
