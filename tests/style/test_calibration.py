from dataclasses import replace

import pytest
import torch

from vidstyle.settings import HALF_WEIGHT, Settings, value_of_seen
from vidstyle.style.calibration import (
    gain_at,
    later_gain,
    measured_gain,
    style_distance,
    style_quantiles,
)
from vidstyle.style.memory import StyleGain
from vidstyle.style.network.device import to_tensor
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.objective.sliced_wasserstein import STROKE_LAYERS
from vidstyle.style.pyramid import resize


@pytest.fixture(scope="module")
def network(builtin, cpu):
    return FeatureNetwork(builtin, STROKE_LAYERS, "max", "replicate", cpu)


@pytest.fixture
def looks(network, noise, stripes, cpu):
    """Features of a clip, and of it painted less and more, up to the style itself."""
    style = resize(to_tensor(stripes, cpu), (40, 56))
    with torch.no_grad():
        return [network(noise + share * (style - noise)) for share in (0.0, 0.5, 0.99, 1.0)]


def _asked(target, clip, painted, balance, earlier=None):
    known = None if earlier is None else StyleGain(earlier)
    return measured_gain(style_distance(clip, target), style_distance(painted, target), balance, known).gram


def test_the_farther_a_painting_is_from_its_style_the_higher_the_gain(looks):
    clip, little, much, style = looks
    target = style_quantiles([(style, 1.0)])
    asked = [_asked(target, clip, painted, 20) for painted in (clip, little, much, style)]
    assert asked == sorted(asked, reverse=True)
    # A painting that is still the clip, and one that is all style: as far as it goes either way.
    assert asked[0] == 5
    assert asked[-1] == 0.125


def test_a_second_measurement_asks_for_more_and_takes_nothing_back(looks):
    clip, little, _, style = looks
    target = style_quantiles([(style, 1.0)])
    assert _asked(target, clip, little, 20, 0.5) > 0.5
    assert _asked(target, clip, clip, 20, 4.0) == 5
    assert _asked(target, clip, style, 20, 0.5) == 0.5


def _sliced(painted, earlier=None):
    return measured_gain(1.0, painted, 20, None if earlier is None else StyleGain(1.0, earlier)).sliced


def test_the_sliced_term_weighs_the_more_the_more_gram_matrices_leave():
    asked = [_sliced(painted) for painted in (0.1, 0.2, 0.3, 0.4, 1.0)]
    assert asked == sorted(asked)
    assert asked[:2] == [0, 0] and asked[-1] == 0.4
    # A second measurement raises it, or lowers it.
    assert _sliced(0.4, asked[2]) > asked[2] > _sliced(0.25, asked[2]) > _sliced(0.1, asked[2]) == 0
    assert _sliced(0.4, 0.0) > _sliced(0.1, 0.0) == 0


def test_later_frames_have_a_sliced_term_only_where_the_first_one_needed_a_heavy_one():
    later = [later_gain(StyleGain(2.0, first)) for first in (0.0, 0.01, 0.2, 0.4)]
    assert [gain.gram for gain in later] == [2.0] * 4
    sliced = [gain.sliced for gain in later]
    assert sliced[:2] == [0, 0]
    assert 0 < sliced[2] < sliced[3] < 0.5


def test_a_heavier_style_weight_aims_nearer_to_the_style(looks):
    clip, _, much, style = looks
    asked = [_asked(style_quantiles([(style, 1.0)]), clip, much, weight) for weight in (1, 20, 400)]
    assert asked == sorted(asked)
    # The order of weights stays as it is: what is taken off a light one never makes it the heavier.
    weighed = [weight * factor for weight, factor in zip((1, 20, 400), asked, strict=True)]
    assert weighed == sorted(weighed)


def test_a_clip_near_to_its_style_keeps_its_content(looks):
    """Half of next to nothing is no reason to ask for more."""
    clip, _, much, style = looks
    target = style_quantiles([(style, 1.0)])
    assert _asked(target, much, much, 20) < _asked(target, clip, clip, 20)


def test_a_blend_has_the_quantiles_of_its_pictures(looks):
    clip, _, _, style = looks
    alone, twice = style_quantiles([(style, 1.0)]), style_quantiles([(style, 1.0), (style, 3.0)])
    both = style_quantiles([(style, 1.0), (clip, 1.0)])
    for layer in STROKE_LAYERS:
        assert torch.allclose(alone[layer], twice[layer], atol=1e-5)
        assert not torch.allclose(alone[layer], both[layer], atol=1e-2)


@pytest.mark.parametrize("gain", [StyleGain(0.2), StyleGain(1.0), StyleGain(5.0, 0.04)])
def test_of_a_gain_so_much_is_asked_for_that_weights_are_seen_by_their_share(gain):
    """A gain of 5 all along, and a weight that has come a tenth of the way would show four tenths of the style."""
    strongest = Settings().at(0)
    ways = []
    for share in (0.01, 0.1, 0.5, 0.9, 1.0):
        weights = replace(strongest, style=value_of_seen(share * strongest.seen(), HALF_WEIGHT))
        ways.append(weights.seen(gain_at(gain, weights, strongest).gram) / strongest.seen(gain.gram))
    assert ways == pytest.approx([0.01, 0.1, 0.5, 0.9, 1.0])
    assert gain_at(gain, strongest, strongest) == StyleGain(pytest.approx(gain.gram), pytest.approx(gain.sliced))


def test_where_there_is_no_style_or_no_content_a_gain_stays_what_it_is():
    strongest = Settings().at(0)
    for weights in (replace(strongest, style=0.0), replace(strongest, content=0.0)):
        assert gain_at(StyleGain(5.0), weights, strongest) == StyleGain(5.0)
