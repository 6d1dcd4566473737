import numpy as np
import pytest

from vidstyle.motion.filters import blurred, blurred_coarsely, median, rise


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


@pytest.mark.parametrize("width", [1.5, 3, 6, 12])
@pytest.mark.parametrize("shape", [(90, 160), (91, 157, 3)])
def test_a_blur_on_a_coarser_grid_is_nearly_the_same(width: float, shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).random(shape).astype(np.float32)
    coarse, exact = blurred_coarsely(values, width), blurred(values, width)
    assert coarse.shape == shape
    assert np.abs(coarse - exact).mean() < 0.02 * np.abs(values - values.mean()).mean()
    thin = values[:5]
    assert blurred_coarsely(thin, width).shape == thin.shape
    assert np.allclose(blurred_coarsely(np.full_like(values, 0.3), width), 0.3, atol=1e-6)


def test_a_rise_goes_from_none_to_all_and_the_other_way_round() -> None:
    values = np.float32([0, 1, 2, 3, 4])
    assert rise(values, 1, 3).tolist() == [0, 0, 0.5, 1, 1]
    assert rise(values, 3, 1).tolist() == [1, 1, 0.5, 0, 0]
    assert rise(values, 1, 3).dtype == np.float32
