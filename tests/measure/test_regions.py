import numpy as np
import pytest
import torch

from vidstyle.measure.features import judge_device
from vidstyle.measure.regions import Region, Regions, Sample
from vidstyle.measure.style_distance import Style

SIZE = (96, 128)
RNG = np.random.default_rng(5)
PICTURE = RNG.random((96, 128, 3), np.float32)


@pytest.fixture(scope="module")
def style() -> Style:
    return Style([(PICTURE, 1.0)], SIZE, 1.0, judge_device("cpu", 1))


def painted_but_for_a_hole(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A frame in the style, and how far it is known: a third of it is not, and bare."""
    image, known = rng.random((96, 128, 3), np.float32), np.ones((96, 128), np.float32)
    image[:, 40:84], known[:, 40:84] = 0.5, 0
    return image, known


def test_a_bare_hole_is_told_from_the_painted_rest(style: Style) -> None:
    regions = Regions()
    for _ in range(2):
        image, known = painted_but_for_a_hole(RNG)
        regions.add(style.strokes(image), known)
    found = regions.compare(style)
    assert found is not None and found.inside is not None and found.rest is not None
    assert found.share == pytest.approx(44 / 128)
    assert found.inside.gram > 2 * found.rest.gram
    assert found.inside.wasserstein > 2 * found.rest.wasserstein


def test_a_painted_hole_is_like_the_rest(style: Style) -> None:
    regions = Regions()
    for _ in range(3):
        _, known = painted_but_for_a_hole(RNG)
        regions.add(style.strokes(RNG.random((96, 128, 3), np.float32)), known)
    found = regions.compare(style)
    assert found is not None and found.inside is not None and found.rest is not None
    assert found.inside.wasserstein == pytest.approx(found.rest.wasserstein, rel=0.3)


def test_the_whole_frame_as_a_region_is_the_frame(style: Style) -> None:
    strokes = style.strokes(RNG.random((96, 128, 3), np.float32) ** 2)
    region = Region()
    region.add(strokes, torch.ones(1, 1, *SIZE))
    whole, part = style.distances(strokes), region.distances(style)
    assert part is not None
    assert part.gram == pytest.approx(whole.gram, rel=1e-4)
    assert part.wasserstein == pytest.approx(whole.wasserstein, rel=1e-4)


def test_too_small_a_region_is_not_judged(style: Style) -> None:
    known = np.ones(SIZE, np.float32)
    known[:8, :8] = 0
    regions = Regions()
    regions.add(style.strokes(PICTURE), known)
    found = regions.compare(style)
    assert found is not None and found.inside is None and found.rest is not None
    assert Regions().compare(style) is None


def test_merged_shots_are_as_if_they_had_been_one(style: Style) -> None:
    frames = [painted_but_for_a_hole(RNG) for _ in range(2)]
    together, apart = Regions(), [Regions(), Regions()]
    for (image, known), own in zip(frames, apart, strict=True):
        for regions in (together, own):
            regions.add(style.strokes(image), known)
    merged = Regions()
    for own in apart:
        merged.merge(own)
    one, two = together.compare(style), merged.compare(style)
    assert one is not None and two is not None and one.inside is not None and two.inside is not None
    assert two.share == pytest.approx(one.share)
    assert two.inside.gram == pytest.approx(one.inside.gram, rel=1e-5)


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
