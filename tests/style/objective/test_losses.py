import pytest
import torch

from vidstyle.style.objective import losses
from vidstyle.style.objective.losses import (
    gram_matrix,
    masked_positions,
    sliced_distance,
    temporal_loss,
    total_variation,
)


def _features(seed=0, shape=(1, 5, 6, 7), dtype=torch.float32):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


def _plain_gram(features, mask=None):
    """Element by element, from the definition."""
    _, C, H, W = features.shape
    weight = torch.ones(H, W) if mask is None else mask[0, 0]
    gram = torch.zeros(C, C)
    for i in range(C):
        for j in range(C):
            gram[i, j] = (weight * features[0, i] * features[0, j]).sum() / weight.sum()
    return gram


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("channels", "height", "width"), [(16, 90, 160), (64, 40, 60), (32, 7, 9)])
def test_a_gram_matrix_is_no_less_exact_in_bfloat16(channels, height, width, masked):
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(1, channels, height, width, generator=generator).clamp_min(0).bfloat16()
    within = None
    if masked:
        mask = torch.rand(1, 1, height, width, generator=generator)
        within = masked_positions(mask, torch.device("cpu"))
    exact, found = gram_matrix(features.double().float(), within), gram_matrix(features, within)
    assert float((found - exact).norm() / exact.norm()) < 1e-3


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("rows", [7, 1 << 12])
def test_gram_matrix_and_its_gradient(masked, rows, monkeypatch):
    monkeypatch.setattr(losses, "_ROWS", rows)  # 42 positions: in six parts, and in one
    mask = torch.rand(1, 1, 6, 7, generator=torch.Generator().manual_seed(1)) if masked else None
    if mask is not None:
        mask[mask < 0.4] = 0
    ours, plain = _features().requires_grad_(), _features().requires_grad_()
    target = torch.randn(5, 5, generator=torch.Generator().manual_seed(2))
    within = None if mask is None else masked_positions(mask, torch.device("cpu"))
    torch.testing.assert_close(gram_matrix(ours, within), _plain_gram(plain, mask))
    (gram_matrix(ours, within) * target).sum().backward()
    (_plain_gram(plain, mask) * target).sum().backward()
    torch.testing.assert_close(ours.grad, plain.grad)


def test_holes_of_all_sizes_come_to_few_shapes_and_keep_their_gram():
    shapes = set()
    features = _features(3, (1, 4, 60, 80))
    for side in range(1, 60):
        mask = torch.zeros(1, 1, 60, 80)
        mask[..., :side, :side] = 0.5
        within = masked_positions(mask, torch.device("cpu"))
        assert len(within.rows.unique()) == len(within.rows)  # copied back twice, a row would keep either gradient
        assert len(within.rows) < max(257, 1.51 * side**2)
        shapes.add(len(within.rows))
    assert len(shapes) <= 10
    cropped = features[..., :59, :59].flatten(2)[0]
    torch.testing.assert_close(gram_matrix(features, within), cropped @ cropped.T / 59**2)


def test_gram_sums_of_half_precision_features_are_kept_in_float32():
    features = torch.full((1, 2, 300, 300), 3.0, dtype=torch.bfloat16)
    gram = gram_matrix(features)
    assert gram.dtype == torch.float32
    assert gram[0, 1].item() == 9.0


def test_layout_does_not_matter():
    features = _features()
    torch.testing.assert_close(gram_matrix(features), gram_matrix(features.to(memory_format=torch.channels_last)))


def _plain_sliced(features, directions, quantiles):
    """Rank by rank, from the definition; as many quantiles as positions."""
    seen = features.flatten(2)[0].T @ directions
    squares = [
        (sorted_column - q).square() for sorted_column, q in zip(seen.sort(0).values.T, quantiles.T, strict=True)
    ]
    return torch.stack(squares).mean()


def test_sliced_distance_and_its_gradient():
    ours, plain = _features().requires_grad_(), _features().requires_grad_()
    directions, quantiles = _features(1, (5, 9)), _features(2, (42, 9)).sort(0).values
    torch.testing.assert_close(
        sliced_distance(ours, directions, quantiles), _plain_sliced(plain, directions, quantiles)
    )
    (3 * sliced_distance(ours, directions, quantiles)).backward()
    (3 * _plain_sliced(plain, directions, quantiles)).backward()
    torch.testing.assert_close(ours.grad, plain.grad)


@pytest.mark.parametrize("rows", [None, [1, 4, 5, 17, 40]])
def test_gradients_are_those_of_finite_differences(rows):
    """Entry by entry, of each output: along one step both losses are quadratic, as long as no rank changes."""
    features = _features(4).double().requires_grad_()
    mask = torch.zeros(42)
    mask[rows or slice(None)] = 0.5
    within = masked_positions(mask.view(1, 1, 6, 7), torch.device("cpu"))

    def gram(features):
        return gram_matrix(features, within if rows else None).double()

    def sliced(features):
        axes, quantiles = _features(1, (5, 3)), _features(2, (42, 3)).sort(0).values
        return sliced_distance(features, axes, quantiles, torch.tensor(rows) if rows else None).double()

    assert torch.autograd.gradcheck(gram, features, eps=1e-2, atol=1e-3)
    assert torch.autograd.gradcheck(sliced, features, eps=1e-4, atol=5e-3)
    for loss in (gram, sliced):
        (gradient,) = torch.autograd.grad(loss(features).sum(), features)
        assert (gradient.flatten(2)[0].abs().sum(0) > 0).nonzero().flatten().tolist() == (rows or list(range(42)))


def test_the_sliced_distance_of_features_from_themselves_is_0_however_many_there_are():
    directions = _features(1, (5, 9))
    few, many = (_features(3, (1, 5, *size)) for size in ((20, 30), (40, 60)))
    own = (few.flatten(2)[0].T @ directions).sort(0).values
    assert sliced_distance(few, directions, own) == 0
    assert sliced_distance(few + 1, directions, own) > 20 * sliced_distance(many, directions, own)


def test_temporal_loss_is_weighted_by_reliability_and_has_a_gradient():
    image, target = _features(1, (1, 3, 4, 5)).requires_grad_(), _features(2, (1, 3, 4, 5))
    trust = torch.zeros(1, 1, 4, 5)
    trust[..., 1, 2] = 0.5
    loss = temporal_loss(image, target, trust)
    assert loss.item() == pytest.approx(0.5 * ((image - target)[0, :, 1, 2] ** 2).sum().item() / 60)
    loss.backward()
    expected = torch.zeros_like(image)
    expected[..., 1, 2] = 2 * 0.5 * (image - target)[..., 1, 2].detach() / 60
    torch.testing.assert_close(image.grad, expected)


def test_total_variation_of_a_ramp():
    ramp = torch.arange(5.0).expand(1, 3, 4, 5) * 0.1
    assert total_variation(ramp).item() == pytest.approx(3 * 4 * 4 * 0.01)
    assert total_variation(ramp.transpose(2, 3)).item() == pytest.approx(3 * 4 * 4 * 0.01)
