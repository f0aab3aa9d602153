"""Where the patient is in a slice."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.render.body_box import MARGIN_SHARE, body_extent


def test_air_is_left_out_and_tissue_never() -> None:
    rng = np.random.default_rng(7)
    pixels = np.abs(rng.normal(0, 3, (200, 300)))
    pixels[20:180, 90:250] += 400
    rows, columns = body_extent(pixels.astype(np.uint16))
    assert rows == pytest.approx((20 - 200 * MARGIN_SHARE, 180 + 200 * MARGIN_SHARE))
    assert columns == pytest.approx((90 - 300 * MARGIN_SHARE, 250 + 300 * MARGIN_SHARE))


@pytest.mark.parametrize("value", [0, 500])
def test_a_slice_of_one_value_is_shown_whole(value: int) -> None:
    assert body_extent(np.full((20, 30), value, np.int16)) == ((0, 20), (0, 30))
