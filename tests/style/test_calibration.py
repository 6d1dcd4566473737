import pytest
import torch

from vidstyle.style.calibration import LAYERS, correction, distance, holding, pull, seen, seen_size
from vidstyle.style.network.device import to_tensor
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.pyramid import resize


@pytest.fixture(scope="module")
def network(builtin, cpu):
    return FeatureNetwork(builtin, LAYERS, "max", "replicate", cpu)


@pytest.fixture
def looks(network, noise, stripes, cpu):
    """Features of a clip, and of it painted less and more, up to the style itself."""
    style = resize(to_tensor(stripes, cpu), (40, 56))
    with torch.no_grad():
        return [network(noise + share * (style - noise)) for share in (0.0, 0.5, 0.99, 1.0)]


def _asked(target, clip, painted, balance, earlier=None):
    return correction(distance(clip, target), distance(painted, target), balance, earlier)


def test_what_came_less_near_is_asked_for_more_strongly(looks):
    clip, little, much, style = looks
    target = seen([(style, 1.0)])
    asked = [_asked(target, clip, painted, 20) for painted in (clip, little, much, style)]
    assert asked == sorted(asked, reverse=True)
    # A painting that is still the clip, and one that is all style: as far as it goes either way.
    assert asked[0] == 5
    assert asked[-1] == 0.125


def test_a_second_look_asks_for_more_and_takes_nothing_back(looks):
    clip, little, _, style = looks
    target = seen([(style, 1.0)])
    assert _asked(target, clip, little, 20, 0.5) > 0.5
    assert _asked(target, clip, clip, 20, 4.0) == 5
    assert _asked(target, clip, style, 20, 0.5) == 0.5


def test_what_gram_matrices_leave_is_pulled_the_more_strongly():
    asked = [pull(1.0, painted, 20) for painted in (0.1, 0.2, 0.3, 0.4, 1.0)]
    assert asked == sorted(asked)
    assert asked[:2] == [0, 0] and asked[-1] == 0.4
    # A second look raises it, or lowers it.
    assert pull(1.0, 0.4, 20, asked[2]) > asked[2] > pull(1.0, 0.25, 20, asked[2]) > pull(1.0, 0.1, 20, asked[2]) == 0
    assert pull(1.0, 0.4, 20, 0.0) > pull(1.0, 0.1, 20, 0.0) == 0


def test_later_frames_are_held_where_it_took_a_strong_pull_alone():
    held = [holding(pulled) for pulled in (0.0, 0.01, 0.2, 0.4)]
    assert held[:2] == [0, 0]
    assert 0 < held[2] < held[3] < 0.5


def test_a_heavier_weight_is_to_come_nearer(looks):
    clip, _, much, style = looks
    asked = [_asked(seen([(style, 1.0)]), clip, much, weight) for weight in (1, 20, 400)]
    assert asked == sorted(asked)
    # The order of weights stays as it is: what is taken off a light one never makes it the heavier.
    weighed = [weight * factor for weight, factor in zip((1, 20, 400), asked, strict=True)]
    assert weighed == sorted(weighed)


def test_a_clip_near_to_its_style_is_not_painted_over(looks):
    """Half of next to nothing is no reason to ask for more."""
    clip, _, much, style = looks
    target = seen([(style, 1.0)])
    assert _asked(target, much, much, 20) < _asked(target, clip, clip, 20)


def test_a_blend_looks_like_its_pictures(looks):
    clip, _, _, style = looks
    alone, twice = seen([(style, 1.0)]), seen([(style, 1.0), (style, 3.0)])
    both = seen([(style, 1.0), (clip, 1.0)])
    for layer in LAYERS:
        assert torch.allclose(alone[layer], twice[layer], atol=1e-5)
        assert not torch.allclose(alone[layer], both[layer], atol=1e-2)


def test_large_frames_are_looked_at_smaller():
    assert seen_size((180, 320)) == (180, 320)
    assert seen_size((720, 1280)) == (720, 1280)
    assert seen_size((3840, 2160)) == (1280, 720)
    assert seen_size((1, 4000)) == (1, 1280)
