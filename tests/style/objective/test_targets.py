"""The Gram matrices that frames are to have: what is everywhere in a picture, not what is in one place."""

import numpy as np
import pytest
import torch

from vidstyle.style.objective.losses import gram_matrix, sliced_distance
from vidstyle.style.objective.targets import block_energies, channel_weights, spread, style_target


@pytest.fixture
def features():
    """Two channels that are everywhere, and one that is in a corner."""
    features = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(5)) + 0.5
    features[:, 2] = 0
    features[:, 2, :8, :8] = 9
    return features


def test_channels_that_fire_in_one_place_have_no_weight(features):
    target = style_target([(features, 1.0)], 0.0)
    torch.testing.assert_close(target.weights, torch.tensor([1.0, 1.0, 0.0]))
    whole = gram_matrix(features)
    torch.testing.assert_close(target.gram[:2, :2], whole[:2, :2])
    assert target.gram[2].abs().sum() == target.gram[:, 2].abs().sum() == 0
    assert target.kept == pytest.approx(float(whole[:2, :2].norm() / whole.norm()))
    # A frame that lacks it is as good as one that has it.
    torch.testing.assert_close(target.weighted(whole), target.gram)


def test_with_all_of_the_subject_the_target_is_the_gram_matrix(features):
    target = style_target([(features, 1.0)], 1.0)
    torch.testing.assert_close(target.gram, gram_matrix(features))
    assert target.kept == 1 and not target.is_negligible
    torch.testing.assert_close(target.weighted(target.gram), target.gram)


def test_a_layer_that_is_all_subject_is_negligible(features):
    only = features.clone()
    only[:, :2] = 0.01
    assert style_target([(only, 1.0)], 0.0).is_negligible
    assert not style_target([(only, 1.0)], 0.9).is_negligible


def test_a_channel_of_a_blend_is_weighted_by_the_energy_of_the_pictures_in_which_it_is_spread(features):
    even = features.clone()
    even[:, 2] = 9  # 16 times the energy of the corner
    weights = style_target([(features, 0.5), (even, 0.5)], 0.0).weights
    torch.testing.assert_close(weights, torch.tensor([1.0, 1.0, 16 / 17]))
    alone = style_target([(features, 1.0)], 0.0)
    twice = style_target([(features, 0.25), (features, 0.75)], 0.0)
    torch.testing.assert_close(twice.gram, alone.gram)


def test_a_distribution_leaves_out_channels_that_fire_in_one_place(features):
    assert style_target([(features, 1.0)], 1.0).distribution is None
    whole = style_target([(features, 1.0)], 1.0, 1.0).distribution
    assert sliced_distance(features, whole.directions, whole.quantiles) < 1e-3
    without = features.clone()
    without[:, 2] = 0
    assert sliced_distance(without, whole.directions, whole.quantiles) > 0.1
    strokes = style_target([(features, 1.0)], 1.0, 0.0).distribution
    assert strokes.directions[2].abs().sum() == 0 < strokes.directions[:2].abs().min(1).values.max()
    assert sliced_distance(without, strokes.directions, strokes.quantiles) < 1e-3


def test_spread_is_1_where_energy_is_even_and_1_in_16_where_it_is_in_one_place():
    features = torch.zeros(1, 3, 24, 32)
    features[:, 0] = 2.0
    features[:, 1, :6, 8:16] = 5.0  # one block
    features[:, 2, :, :16] = 1.0  # half of them
    assert spread(block_energies(features)).tolist() == pytest.approx([1, 1 / 16, 1 / 2])


def test_a_channel_that_never_fires_has_no_spread_and_no_weight():
    energies = block_energies(torch.zeros(1, 2, 8, 8))
    assert spread(energies).tolist() == [0, 0]
    assert channel_weights(energies, 0.0).tolist() == [0, 0]


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 9), (17, 6)])
def test_every_position_counts_at_every_size(size):
    features = torch.rand(1, 4, *size, generator=torch.Generator().manual_seed(1))
    energies = block_energies(features)
    assert energies.shape == (4, 16)
    for y, x in np.ndindex(*size):
        other = features.clone()
        other[:, :, y, x] += 1
        assert (block_energies(other) > energies).any(1).all()


def test_scale_does_not_matter():
    features = torch.rand(1, 5, 20, 20, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(spread(block_energies(7 * features)), spread(block_energies(features)))


def test_the_subject_comes_along_as_far_as_it_is_asked_for():
    features = torch.zeros(1, 2, 16, 16)
    features[:, 0] = 1
    features[:, 1, :4, :4] = 1
    energies = block_energies(features)
    weights = [channel_weights(energies, subject).tolist() for subject in (0.0, 0.5, 1.0)]
    assert weights == [[1, 0], [1, 0.5], [1, 1]]
