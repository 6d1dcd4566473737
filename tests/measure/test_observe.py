import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from tests.helpers.synthetic import make_scene
from vidstyle.measure.metrics.content_distance import ContentDistance
from vidstyle.measure.metrics.features import judge_device
from vidstyle.measure.metrics.regions import Regions
from vidstyle.measure.metrics.warp_error import carry, find_motion
from vidstyle.measure.observe import Judges, Moment, observe_shot
from vidstyle.motion.flow import Array
from vidstyle.motion.methods import flow_method

Footage = Iterator[tuple[int, Array, tuple[Array, ...]]]


@pytest.fixture(scope="module")
def judges() -> Judges:
    return Judges(flow_method("dis"), ContentDistance(judge_device("cpu", 1)), None, every=1000)


def observe(footage: Footage, shot: range, judges: Judges, outputs: int = 1) -> list[Moment]:
    return list(observe_shot(footage, shot, judges, tuple(Regions() for _ in range(outputs))))


@pytest.mark.slow
def test_the_carried_painting_is_as_steady_as_itself(judges: Judges) -> None:
    """Over both gaps, and beside another output that changes nothing about it."""
    clip = make_scene(12, (48, 64), shift=(1.3, 0.4), degrees=0.4, seed=5).images
    painting = np.random.default_rng(0).random((48, 64, 3), np.float32)
    carried = [painting]
    for image, earlier in zip(clip[1:], clip, strict=False):
        carried.append(carry(carried[-1], find_motion(judges.flow, image, earlier)))
    rng = np.random.default_rng(1)
    footage = ((20 + i, x, (rng.random((48, 64, 3), np.float32), carried[i])) for i, x in enumerate(clip))
    last = observe(footage, range(20, 32), judges, outputs=2)[-1]
    for gap in (1, 10):
        assert last.measures[1].warp[gap].over_carried == pytest.approx(1, rel=1e-4)
        noise = last.measures[0].warp[gap].over_carried
        assert noise is not None and noise > 3


@pytest.mark.slow
def test_a_gap_is_flow_across_it_and_not_a_chain(judges: Judges) -> None:
    decoded = [np.rint(image * 65535) / 65535 for image in make_scene(11, (48, 64), shift=(1.0, 0.0), seed=5).images]
    clip = [image.astype(np.float32) for image in decoded]
    last = observe(((i, x, (x,)) for i, x in enumerate(clip)), range(11), judges)[-1]
    across = find_motion(judges.flow, clip[10], clip[0])
    assert last.measures[0].warp[10].kept == across.kept
    # Ten columns have left the frame, and the last is never kept.
    assert across.kept <= 53 / 64


def test_style_and_content_are_sampled_where_a_shot_begins_and_ends() -> None:
    clip = make_scene(6, (40, 48), shift=(1.0, 0.0), seed=5).images
    judges = Judges(flow_method("none"), ContentDistance(judge_device("cpu", 1)), None, every=3)
    moments = observe(((i, x, (x,)) for i, x in enumerate(clip)), range(6), judges)
    assert [moment.index for moment in moments if moment.measures[0].content is not None] == [0, 3, 5]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_shot(judges: Judges) -> None:
    image = make_scene(1, (64, 96), seed=5).images[0]

    def peak(frames: int) -> int:
        footage = ((i, np.roll(image, i, 1), (np.roll(image, -i, 1),)) for i in range(frames))
        tracemalloc.start()
        for _ in observe_shot(footage, range(frames), judges, (Regions(),)):
            pass
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(12)  # buffers that come once
    assert peak(34) < 1.1 * peak(14)
