"""The reference convolution is the one that is described, on any machine."""

import numpy as np

from lvp_workstation.inference.reference import CHANNELS, PLANES, SIZE, reference_run, reference_seconds


def test_it_is_a_convolution_of_three_by_three_with_equal_weights():
    answer = reference_run(1)()
    assert answer.shape == (PLANES, CHANNELS, SIZE, SIZE)
    image = np.random.default_rng(0).random((PLANES, CHANNELS, SIZE, SIZE), dtype=np.float32)
    expected = image[3, :, 9:12, 19:22].mean()
    np.testing.assert_allclose(answer[3, :, 10, 20], expected, rtol=1e-4)
    corner = image[0, :, :2, :2].sum() / (9 * CHANNELS)
    np.testing.assert_allclose(answer[0, :, 0, 0], corner, rtol=1e-4)


def test_it_takes_time_and_not_much():
    assert 0.0005 < reference_seconds(1, runs=3) < 10.0
