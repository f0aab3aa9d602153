"""Windowing of stored values."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.render.window import Window, auto_window, grey, grey_table


def test_the_linear_function_of_dicom() -> None:
    window = Window(100, 50)
    values = np.array([0, 75, 76, 99, 100, 124, 125, 4000], dtype=np.uint16)
    expected = [0, 0, 0, 0, 0, 255, 255, 255]
    levels = grey(values, window)
    # PS3.3 C.11.2.1.2.1: ((x - (c - 0.5)) / (w - 1) + 0.5) * 255
    for n, x in enumerate(values.tolist()):
        if 75 < x <= 124:
            expected[n] = int(((x - 99.5) / 49 + 0.5) * 255 + 0.5)
    assert levels.tolist() == expected


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16])
def test_the_table_gives_what_the_function_gives(dtype: type) -> None:
    info = np.iinfo(dtype)
    values = np.linspace(info.min, info.max, 1000).astype(dtype)
    window = Window(60, 90)
    table = grey_table(window, np.dtype(dtype))
    assert np.array_equal(table[values.view(f"u{values.itemsize}")], grey(values, window))


def test_inversion_and_narrow_windows() -> None:
    values = np.arange(256, dtype=np.uint8)
    assert np.array_equal(255 - grey(values, Window(90, 40)), grey(values, Window(90, 40, inverted=True)))
    assert grey(values, Window(90, 0.5)).tolist()[88:93] == [0, 0, 128, 255, 255]


def test_floats_with_holes() -> None:
    values = np.array([np.nan, -np.inf, np.inf, 0.5], dtype=np.float32)
    assert grey(values, Window(0.5, 1.0)).tolist() == [0, 0, 255, 128]


def test_automatic_window_leaves_out_extremes() -> None:
    values = np.full((4, 100, 100), 10, dtype=np.uint16)
    values[:, :50] = 200
    values[0, 0, 0] = 60000
    window = auto_window(values)
    assert window.low <= 10
    assert 200 <= window.high < 1000


@pytest.mark.parametrize("array", [np.zeros((2, 3, 3), np.uint8), np.full((1, 2, 2), 7.5, np.float32)])
def test_a_constant_image_has_a_window(array: np.ndarray) -> None:
    assert auto_window(array).width > 0
