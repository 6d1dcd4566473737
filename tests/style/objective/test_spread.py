"""What is everywhere in a picture against what is in one place."""

import numpy as np
import pytest
import torch

from vidstyle.style.objective.spread import block_energies, channel_weights, spread


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


def test_scale_says_nothing():
    features = torch.rand(1, 5, 20, 20, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(spread(block_energies(7 * features)), spread(block_energies(features)))


def test_the_subject_comes_along_as_far_as_it_is_asked_for():
    features = torch.zeros(1, 2, 16, 16)
    features[:, 0] = 1
    features[:, 1, :4, :4] = 1
    energies = block_energies(features)
    weights = [channel_weights(energies, subject).tolist() for subject in (0.0, 0.5, 1.0)]
    assert weights == [[1, 0], [1, 0.5], [1, 1]]
