import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from vidstyle.measure.metrics.features import judge_device
from vidstyle.measure.metrics.regions import SAMPLES, Region, Regions, Sample
from vidstyle.measure.metrics.style_distance import Style, StyleFeatures
from vidstyle.settings import RunSettings
from vidstyle.style.network.device import Device, select_device
from vidstyle.style.objective.sliced_wasserstein import quantiles

SIZE = (96, 128)
RNG = np.random.default_rng(5)
PICTURE = RNG.random((96, 128, 3), np.float32)


@pytest.fixture(scope="module")
def style() -> Style:
    return Style([(PICTURE, 1.0)], SIZE, 1.0, judge_device("cpu", 1))


def painting_device(name: str) -> Device:
    return select_device(RunSettings(device=name, precision="float32"))


def painted_but_for_a_hole(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A frame in the style, and how far it is known: a third of it is not, and bare."""
    image, known = rng.random((96, 128, 3), np.float32), np.ones((96, 128), np.float32)
    image[:, 40:84], known[:, 40:84] = 0.5, 0
    return image, known


def test_a_bare_hole_is_told_from_the_painted_rest(style: Style) -> None:
    regions = Regions()
    for _ in range(2):
        image, known = painted_but_for_a_hole(RNG)
        regions.add(style.features(image), known)
    found = regions.compare(style)
    assert found is not None and found.inside is not None and found.rest is not None
    assert found.share == pytest.approx(44 / 128)
    assert found.inside.gram > 2 * found.rest.gram
    assert found.inside.wasserstein > 2 * found.rest.wasserstein


@pytest.mark.slow
def test_a_painted_hole_is_like_the_rest(style: Style) -> None:
    regions = Regions()
    for _ in range(3):
        _, known = painted_but_for_a_hole(RNG)
        regions.add(style.features(RNG.random((96, 128, 3), np.float32)), known)
    found = regions.compare(style)
    assert found is not None and found.inside is not None and found.rest is not None
    assert found.inside.wasserstein == pytest.approx(found.rest.wasserstein, rel=0.3)


@pytest.mark.slow
def test_a_small_region_that_is_painted_like_the_rest_is_no_farther_from_the_style(style: Style) -> None:
    """Few features are far from any style, wherever they are."""
    regions, whole = Regions(), Region()
    known = np.ones(SIZE, np.float32)
    known[16:48, 16:48] = 0
    for _ in range(5):
        features = style.features(RNG.random((96, 128, 3), np.float32))
        regions.add(features, known)
        whole.add(features, torch.from_numpy(known)[None, None])
    found, all_else = regions.compare(style), whole.distances(style)
    assert found is not None and found.inside is not None and found.rest is not None and all_else is not None
    assert found.inside.wasserstein == pytest.approx(found.rest.wasserstein, rel=0.1)
    assert found.inside.wasserstein > 1.2 * all_else.wasserstein


def test_of_a_region_without_room_elsewhere_all_the_rest_is_seen(style: Style) -> None:
    regions, whole = Regions(), Region()
    known = np.zeros(SIZE, np.float32)
    known[:, 40:84] = 1  # in the middle: mirrored, it is where it was
    for _ in range(3):
        features = style.features(RNG.random((96, 128, 3), np.float32))
        regions.add(features, known)
        whole.add(features, torch.from_numpy(known)[None, None])
    found, rest = regions.compare(style), whole.distances(style)
    assert found is not None and found.rest == rest


def test_the_whole_frame_as_a_region_is_the_frame(style: Style) -> None:
    features = style.features(RNG.random((96, 128, 3), np.float32) ** 2)
    region = Region()
    region.add(features, torch.ones(1, 1, *SIZE))
    whole, part = style.distances(features), region.distances(style)
    assert part is not None
    assert part.gram == pytest.approx(whole.gram, rel=1e-4)
    assert part.wasserstein == pytest.approx(whole.wasserstein, rel=1e-4)


def test_too_small_a_region_is_not_judged(style: Style) -> None:
    known = np.ones(SIZE, np.float32)
    known[:8, :8] = 0
    regions = Regions()
    regions.add(style.features(PICTURE), known)
    found = regions.compare(style)
    assert found is not None and found.inside is None and found.rest is not None
    assert Regions().compare(style) is None


@pytest.mark.slow
def test_merged_shots_are_as_if_they_had_been_one(style: Style) -> None:
    frames = [painted_but_for_a_hole(RNG) for _ in range(2)]
    together, apart = Regions(), [Regions(), Regions()]
    for (image, known), own in zip(frames, apart, strict=True):
        for regions in (together, own):
            regions.add(style.features(image), known)
    merged = Regions()
    for own in apart:
        merged.merge(own)
    one, two = together.compare(style), merged.compare(style)
    assert one is not None and two is not None and one.inside is not None and two.inside is not None
    assert two.share == pytest.approx(one.share)
    assert two.inside.gram == pytest.approx(one.inside.gram, rel=1e-5)


def test_samples_of_several_shots_are_drawn_apart_and_the_same_again(style: Style) -> None:
    """With one seed for all, each would keep the rows of the same places, and a merged sample some places alone."""
    features = style.features(RNG.random((96, 128, 3), np.float32))
    numbered = torch.arange(9000.0)[:, None]
    many = dataclasses.replace(features, projections=dict.fromkeys(features.projections, numbered))
    many = dataclasses.replace(many, layers={layer: torch.zeros(1, 1, 90, 100) for layer in features.layers})

    def kept(seed: int) -> set[float]:
        region = Region(seed)
        region.add(many, torch.ones(1, 1, 90, 100))
        rows = region._samples["relu3_1"].rows
        assert rows is not None and len(rows) == SAMPLES
        return set(rows.flatten().tolist())

    assert kept(4) == kept(4)
    left_out = [set(range(9000)) - kept(seed) for seed in (4, 9)]
    assert len(left_out[0] & left_out[1]) < 0.5 * len(left_out[0])


@pytest.mark.slow
def test_a_card_is_asked_for_nothing_in_double_precision(style: Style) -> None:
    """Apple's GPUs know no float64, nor pooling to sizes that don't divide: torch's meta device stands for them."""
    card = torch.device("meta")
    seen = style.features(PICTURE)
    features = StyleFeatures(
        {layer: feature.to(card) for layer, feature in seen.layers.items()},
        {layer: projection.to(card) for layer, projection in seen.projections.items()},
    )
    _, known = painted_but_for_a_hole(RNG)
    with OnTheCard() as used:
        regions = Regions()
        regions.add(features, known)
        for projection in features.projections.values():
            assert quantiles(projection).device == card
    assert torch.float32 in used.dtypes and torch.float64 not in used.dtypes
    assert not {name for name in used.names if "pool" in name}


class OnTheCard(TorchDispatchMode):
    """Notes what tensors are made on the meta device, and by what."""

    def __init__(self) -> None:
        super().__init__()
        self.dtypes: set[torch.dtype] = set()
        self.names: set[str] = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        made = function(*args, **(kwargs or {}))
        for tensor in made if isinstance(made, (tuple, list)) else [made]:
            if isinstance(tensor, torch.Tensor) and tensor.is_meta:
                self.dtypes.add(tensor.dtype)
                self.names.add(function.overloadpacket.__name__)
        return made


@pytest.mark.parametrize(("asked", "allowed"), [(judge_device, False), (painting_device, True)])
def test_a_cuda_card_judges_in_float32_and_paints_in_tf32(
    monkeypatch: pytest.MonkeyPatch, asked: Callable[[str], Device], allowed: bool
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    places = (torch.backends.cuda.matmul, torch.backends.cudnn)
    before = [place.allow_tf32 for place in places]
    try:
        for place in places:
            place.allow_tf32 = not allowed
        assert asked("cuda").dtype == torch.float32
        assert [place.allow_tf32 for place in places] == [allowed, allowed]
    finally:
        for place, value in zip(places, before, strict=True):
            place.allow_tf32 = value


def test_a_sample_is_drawn_by_weight_and_bounded() -> None:
    generator, sample = torch.Generator().manual_seed(0), Sample()
    for _ in range(40):
        rows = torch.cat([torch.zeros(500, 1), torch.ones(500, 1), torch.full((10, 1), 2.0)])
        weights = torch.cat([torch.full((500,), 0.25), torch.full((500,), 0.75), torch.zeros(10)])
        sample.add(rows, weights, generator)
    assert sample.rows is not None
    assert len(sample.rows) == 8192
    assert sample.rows.max() == 1
    # 8192 of 40 000 rows: by weight 3 to 1, a little less as the heavier ones run out.
    assert 0.7 < float(sample.rows.mean()) < 0.76
