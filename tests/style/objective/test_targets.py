"""The Gram matrices that frames are to have."""

import pytest
import torch

from vidstyle.style.objective.losses import gram_matrix, sliced_distance
from vidstyle.style.objective.targets import style_target


@pytest.fixture
def features():
    """Two channels that are everywhere, and one that is in a corner."""
    features = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(5)) + 0.5
    features[:, 2] = 0
    features[:, 2, :8, :8] = 9
    return features


def test_what_is_in_one_place_is_not_asked_for(features):
    target = style_target([(features, 1.0)], 0.0)
    torch.testing.assert_close(target.weights, torch.tensor([1.0, 1.0, 0.0]))
    whole = gram_matrix(features)
    torch.testing.assert_close(target.gram[:2, :2], whole[:2, :2])
    assert target.gram[2].abs().sum() == target.gram[:, 2].abs().sum() == 0
    assert target.kept == pytest.approx(float(whole[:2, :2].norm() / whole.norm()))
    # A frame that lacks it is as good as one that has it.
    torch.testing.assert_close(target.weighed(whole), target.gram)


def test_with_all_of_the_subject_it_is_the_gram_matrix(features):
    target = style_target([(features, 1.0)], 1.0)
    torch.testing.assert_close(target.gram, gram_matrix(features))
    assert target.kept == 1 and not target.says_nothing
    torch.testing.assert_close(target.weighed(target.gram), target.gram)


def test_a_layer_that_is_all_subject_says_nothing(features):
    only = features.clone()
    only[:, :2] = 0.01
    assert style_target([(only, 1.0)], 0.0).says_nothing
    assert not style_target([(only, 1.0)], 0.9).says_nothing


def test_a_channel_of_a_blend_is_style_as_far_as_its_energy_is_of_pictures_in_which_it_is_spread(features):
    even = features.clone()
    even[:, 2] = 9  # 16 times the energy of the corner
    weights = style_target([(features, 0.5), (even, 0.5)], 0.0).weights
    torch.testing.assert_close(weights, torch.tensor([1.0, 1.0, 16 / 17]))
    alone = style_target([(features, 1.0)], 0.0)
    twice = style_target([(features, 0.25), (features, 0.75)], 0.0)
    torch.testing.assert_close(twice.gram, alone.gram)


def test_a_distribution_is_that_of_the_features_without_what_is_in_one_place(features):
    assert style_target([(features, 1.0)], 1.0).distribution is None
    whole = style_target([(features, 1.0)], 1.0, 1.0).distribution
    assert sliced_distance(features, whole.sides, whole.quantiles) < 1e-3
    without = features.clone()
    without[:, 2] = 0
    assert sliced_distance(without, whole.sides, whole.quantiles) > 0.1
    strokes = style_target([(features, 1.0)], 1.0, 0.0).distribution
    assert strokes.sides[2].abs().sum() == 0 < strokes.sides[:2].abs().min(1).values.max()
    assert sliced_distance(without, strokes.sides, strokes.quantiles) < 1e-3
