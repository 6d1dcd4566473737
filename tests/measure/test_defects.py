"""Each thing that can be wrong with a painting moves the measures that are meant for it, and leaves others alone."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.paintings import REPEATED
from tests.helpers.runs import drained
from vidstyle.errors import UsageError
from vidstyle.measure.measure import measure
from vidstyle.measure.metrics.drift import Drift
from vidstyle.measure.results import Study, Summary
from vidstyle.measure.verdicts import verdicts
from vidstyle.settings import Settings


@pytest.fixture
def whole(study: Callable[..., Study]) -> Callable[[str], Summary]:
    return lambda name: study(name).outputs[0].whole


def words(summary: Summary) -> dict[str, str]:
    return {verdict.aspect: verdict.word for verdict in verdicts(summary)}


@pytest.mark.slow
def test_the_clip_against_itself_is_as_steady_sharp_and_true_as_the_clip(whole: Callable[[str], Summary]) -> None:
    found = whole("clip")
    for gap in (1, 10):
        assert found.warp[gap].over_clip == 1
    assert found.difference == 0
    assert found.sharpness == 1
    assert found.content == pytest.approx(0, abs=1e-6)
    assert found.drift == Drift(0, 0, 1, 0, 0, 1, 0)
    assert found.style is not None and found.style == found.clip_style


@pytest.mark.slow
def test_a_painting_that_is_steady_by_design_is_found_to_be(whole: Callable[[str], Summary]) -> None:
    found = whole("good")
    assert found.warp[1].over_carried is not None and found.warp[1].over_carried < 2
    assert words(found) | {"Drift": ""} == {
        "Steadiness": "steady",
        "At rest": "calm",
        "Sharpness": "crisp",
        "Style": "in style",
        "Style's subject": "left behind",
        "Content": "kept",
        "Changes": "up to date",
        "Drift": "",
    }


@pytest.mark.slow
def test_jitter_moves_the_warp_error(whole: Callable[[str], Summary]) -> None:
    good, jitter = whole("good"), whole("jitter")
    assert ratio(jitter) > 5 * ratio(good)
    assert words(jitter)["Steadiness"] == "flickers"
    assert jitter.drift.flicker < 0.1
    assert jitter.rhythm is not None and good.rhythm is not None
    assert jitter.rhythm < -0.2 < good.rhythm
    assert jitter.sharpness == pytest.approx(good.sharpness, rel=0.05)
    assert not jitter.repeated


@pytest.mark.slow
def test_brightness_flicker_moves_the_brightness(whole: Callable[[str], Summary]) -> None:
    good, flicker = whole("good"), whole("flicker")
    # 2% of L* 50, from each frame to the next.
    assert flicker.drift.flicker == pytest.approx(1.0, abs=0.2)
    assert good.drift.flicker < 0.1
    assert 1.2 * ratio(good) < ratio(flicker) < 3 * ratio(good)
    assert words(flicker)["Steadiness"] == "flickers"
    assert flicker.sharpness == pytest.approx(good.sharpness, rel=0.01)


@pytest.mark.slow
def test_blur_moves_sharpness_and_style_and_flatters_the_warp_error(whole: Callable[[str], Summary]) -> None:
    good, blur = whole("good"), whole("blur")
    assert blur.sharpness < 0.2 * good.sharpness
    assert blur.style is not None and good.style is not None
    assert blur.style.gram > 1.5 * good.style.gram
    assert blur.style.wasserstein > 1.5 * good.style.wasserstein
    assert blur.warp[1].output is not None and good.warp[1].output is not None
    assert blur.warp[1].output < good.warp[1].output
    assert words(blur)["Sharpness"] == "blurred"
    assert blur.drift.flicker < 0.1


@pytest.mark.slow
def test_a_repeated_frame_is_named(whole: Callable[[str], Summary]) -> None:
    good, repeat = whole("good"), whole("repeat")
    assert repeat.repeated == (REPEATED,)
    assert not good.repeated
    assert words(repeat)["Steadiness"] == "stalls"
    assert repeat.sharpness == pytest.approx(good.sharpness, rel=0.01)


@pytest.mark.slow
def test_a_moving_average_is_less_sharp_and_further_from_the_style(whole: Callable[[str], Summary]) -> None:
    good, average = whole("good"), whole("average")
    assert average.sharpness < 0.8 * good.sharpness
    assert average.style is not None and good.style is not None
    assert average.style.wasserstein > 1.2 * good.style.wasserstein
    assert words(average)["Steadiness"] == "smears"


@pytest.mark.slow
def test_no_pair_reaches_across_the_cut(study: Callable[..., Study]) -> None:
    found = study("good")
    assert [(shot.start, shot.stop) for shot in found.shots] == [(0, 4), (4, 16)]
    frames = found.outputs[0].frames
    assert [frame.frame for frame in frames if 1 not in frame.warp] == [1, 5]
    assert [frame.frame for frame in frames if 10 in frame.warp] == [15, 16]
    assert [frame.frame for frame in frames if frame.difference is None] == [1, 5]


@pytest.mark.slow
def test_all_is_the_mean_over_pairs_of_every_shot(study: Callable[..., Study]) -> None:
    found = study("good").outputs[0]
    pairs = [frame.warp[1].output for frame in found.frames if 1 in frame.warp]
    assert len(pairs) == 14
    mean = math.fsum(value for value in pairs if value is not None) / 14
    assert found.whole.warp[1].output == pytest.approx(mean)
    first, second = (shot.warp[1].output for shot in found.shots)
    assert first is not None and second is not None
    assert (3 * first + 11 * second) / 14 == pytest.approx(mean)


def ratio(summary: Summary) -> float:
    over = summary.warp[1].over_carried
    assert over is not None
    return over


@pytest.mark.slow
def test_what_is_blurred_is_less_legible_than_stills(folder: Path, measured: Callable[..., Study]) -> None:
    """Two frames are painted for each; they are the same, so that the two may be compared."""
    sharp, soft = (measured(folder, name, stills=2).outputs[0].whole for name in ("good", "blur"))
    assert sharp.legible is not None and soft.legible is not None
    assert sharp.legible / soft.legible == pytest.approx(sharp.shape / soft.shape, rel=0.1)
    assert "Legible" in words(sharp)


@pytest.mark.parametrize(("stills", "said"), [(-1, "0 or more"), (2, "--style")])
def test_stills_need_a_number_and_a_style(folder: Path, stills: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        drained(measure(folder / "good", folder / "clip", settings=Settings().replace(cuts="none"), stills=stills))
