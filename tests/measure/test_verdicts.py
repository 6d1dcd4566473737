from dataclasses import replace

import pytest

from vidstyle.measure.metrics.boil import Boil
from vidstyle.measure.metrics.drift import Drift
from vidstyle.measure.metrics.regions import Uncovered
from vidstyle.measure.metrics.shapes import Stale
from vidstyle.measure.metrics.style_distance import StyleDistances
from vidstyle.measure.results import Summary, WarpErrors
from vidstyle.measure.verdicts import verdicts

GOOD = Summary(
    first=1,
    last=50,
    warp={1: WarpErrors(1e-3, 1e-4, 9e-4, 0.8), 10: WarpErrors(None, None, None, 0.0)},
    rhythm=-0.3,
    boil={1: Boil(1.5, 0.8), 10: Boil(3.0, 0.7)},
    stale=Stale(0.04, 0.1),
    shape=0.6,
    fine_detail=0.6,
    difference=0.1,
    repeated=(),
    sharpness=3.0,
    sharpness_over_style=0.8,
    drift=Drift(0.5, 0.5, 1.0, 0.5, 0.5, 1.0, 0.1),
    content=1.4,
    style=StyleDistances(0.04, 0.2),
    clip_style=StyleDistances(0.7, 0.6),
    uncovered=Uncovered(0.1, StyleDistances(0.05, 0.21), StyleDistances(0.04, 0.2)),
    borrowed=0.1,
)


def grades(summary: Summary) -> dict[str, str]:
    return {verdict.aspect: verdict.grade for verdict in verdicts(summary)}


def test_a_good_painting_is_good_in_every_aspect() -> None:
    assert list(grades(GOOD)) == [
        "Steadiness",
        "At rest",
        "Sharpness",
        "Style",
        "Style's subject",
        "New regions",
        "Fine detail",
        "Content",
        "Changes",
        "Drift",
    ]
    assert set(grades(GOOD).values()) == {"good"}


@pytest.mark.parametrize(
    ("aspect", "worse"),
    [
        ("Steadiness", {"warp": {1: WarpErrors(9e-3, 1e-4, 9e-4, 0.8)}}),
        ("Steadiness", {"drift": Drift(0.5, 0.5, 1.0, 0.5, 0.5, 1.0, 1.0)}),
        ("Steadiness", {"repeated": (7,)}),
        ("At rest", {"boil": {1: Boil(13.0, 0.9), 10: Boil(22.0, 0.9)}}),
        ("Changes", {"stale": Stale(0.3, 0.06)}),
        ("Sharpness", {"sharpness_over_style": 0.3}),
        ("Sharpness", {"sharpness": 0.5, "sharpness_over_style": None}),
        ("Style", {"style": StyleDistances(0.6, 0.55)}),
        ("New regions", {"uncovered": Uncovered(0.1, StyleDistances(0.4, 0.4), StyleDistances(0.04, 0.2))}),
        ("Style's subject", {"borrowed": 0.4}),
        ("Fine detail", {"fine_detail": 0.95}),
        ("Content", {"content": 2.8}),
        ("Drift", {"drift": Drift(-8.0, 0.5, 1.0, -8.0, 0.5, 1.0, 0.1)}),
        ("Drift", {"drift": Drift(0.0, 0.5, 0.5, 0.0, 0.5, 0.5, 0.1)}),
        ("Drift", {"drift": Drift(0.0, 8.0, 1.0, 0.0, 8.0, 1.0, 0.1)}),
    ],
)
def test_each_fault_makes_its_own_aspect_poor(aspect: str, worse: dict[str, object]) -> None:
    found = grades(replace(GOOD, **worse))  # type: ignore[arg-type]
    assert [name for name, grade in found.items() if grade == "poor"] == [aspect]


def test_what_is_as_steady_as_the_clip_does_not_flicker() -> None:
    blurred = replace(GOOD, warp={1: WarpErrors(5e-5, 1e-4, 1e-5, 0.8)})
    assert grades(blurred)["Steadiness"] == "good"


def test_a_painting_that_stays_bright_in_a_darkening_clip_does_not_drift() -> None:
    assert grades(replace(GOOD, drift=Drift(8.0, 8.0, 1.0, 0.0, 0.5, 1.0, 0.1)))["Drift"] == "good"


def test_unsteadiness_that_goes_on_is_smear() -> None:
    unsteady = replace(GOOD, warp={1: WarpErrors(9e-3, 1e-4, 9e-4, 0.8)})
    words = [verdicts(replace(unsteady, rhythm=rhythm))[0].word for rhythm in (-0.4, 0.2)]
    assert words == ["flickers", "smears"]


def test_what_was_not_measured_is_not_judged() -> None:
    still = replace(
        GOOD,
        last=1,
        warp={1: WarpErrors(None, None, None, 0.0)},
        boil={1: Boil(None, 0.0)},
        stale=Stale(None, 0.0),
        style=None,
        clip_style=None,
        uncovered=None,
        borrowed=None,
        fine_detail=None,
        content=None,
    )
    assert list(grades(still)) == ["Sharpness"]
