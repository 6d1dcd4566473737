import numpy as np
import pytest
import torch

from vidstyle.style.objective.sliced_wasserstein import LEVELS, directions, quantiles, wasserstein

GENERATOR = torch.Generator().manual_seed(0)


def cloud(rows: int, shift: float = 0.0) -> torch.Tensor:
    return torch.randn(rows, 6, generator=GENERATOR) + shift


def test_agrees_with_a_slow_implementation() -> None:
    own, target = cloud(300, 0.5), cloud(217)
    squares = spread = 0.0
    for column in range(6):
        a, b = sorted(own[:, column].tolist()), sorted(target[:, column].tolist())
        picked = [b[int((i + 0.5) / LEVELS * len(b))] for i in range(LEVELS)]
        for i in range(LEVELS):
            squares += (a[int((i + 0.5) / LEVELS * len(a))] - picked[i]) ** 2
        spread += float(np.var(picked))
    expected = (squares / (6 * LEVELS)) ** 0.5 / (spread / 6) ** 0.5
    assert wasserstein(quantiles(own), quantiles(target)) == pytest.approx(expected, abs=1e-6)


def test_a_shift_is_as_far_as_it_goes() -> None:
    target = cloud(5000)
    shifted = wasserstein(quantiles(target + 0.7), quantiles(target))
    assert shifted == pytest.approx(0.7 / float(quantiles(target).var(0, correction=0).mean().sqrt()), rel=1e-4)
    assert wasserstein(quantiles(target), quantiles(target)) == 0


def test_weights_are_how_often_a_row_counts() -> None:
    rows, times = cloud(40), torch.randint(0, 4, (40,), generator=GENERATOR)
    torch.testing.assert_close(quantiles(rows, times.float()), quantiles(rows.repeat_interleave(times, 0)))
    torch.testing.assert_close(quantiles(rows, torch.ones(40)), quantiles(rows))


def test_directions_are_unit_vectors_and_always_the_same() -> None:
    torch.testing.assert_close(directions(256).norm(dim=0), torch.ones(128))
    assert torch.equal(directions(256), directions(256))
    # No side is favoured.
    assert directions(256).mean(1).norm() < 3 / 128**0.5
