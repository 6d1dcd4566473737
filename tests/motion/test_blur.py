import numpy as np

from vidstyle.motion.blur import blurred, median


def test_a_median_takes_single_pixels_away_and_keeps_edges():
    flow = np.zeros((20, 30, 2), np.float32)
    flow[:, 15:] = (7, -3)
    spoilt = flow.copy()
    spoilt[3::6, 3::7] = 40
    assert np.array_equal(median(spoilt), flow)


def test_a_blur_keeps_the_mean_and_the_shape():
    values = np.random.default_rng(1).random((16, 16, 1), np.float32)
    smooth = blurred(values, 2.0)
    assert smooth.shape == values.shape
    assert abs(float(smooth.mean() - values.mean())) < 1e-2
    assert smooth.std() < 0.3 * values.std()
