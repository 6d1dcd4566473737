"""What the figures mean, at a glance: an aspect, a grade, a sentence."""

import math
from dataclasses import dataclass
from typing import Literal

from vidstyle.measure.results import Summary

Grade = Literal["good", "fair", "poor"]
GRADES: tuple[Grade, ...] = ("good", "fair", "poor")


@dataclass(frozen=True)
class Verdict:
    """One aspect of an output: how well it does, in a word or two, and a sentence with what that rests on."""

    aspect: str
    grade: Grade
    word: str
    sentence: str


STEADY, FLICKERS = 2.5, 4.0
"""Warp error over a carried painting's: up to here it is steady, from there on anyone sees it flicker. Fine strokes in
a small picture come to 2 where its x–t slices run as smoothly as the clip's."""

BOILS = (3.0, 8.0)
"""Change from frame to frame, of 255, where the clip rests: below nobody sees it, above a still wall seethes."""

STALE = (0.08, 0.14)
"""Share of what changed whose paint shows the shapes of five frames before: hands that are left behind, digits of
another frame. Half is chance."""

SWINGS = -0.1
"""Rhythm below which what is unsteady flickers; above, it smears."""

VISIBLE_FLICKER = 0.4
"""Brightness flicker, in L*, that is seen."""

SOFT = (0.65, 0.5)
"""Sharpness over the style's: crisp above, blurred below."""

SOFT_BESIDE_CLIP = (1.0, 0.6)
"""Sharpness over the clip's, where the style is not known: strokes add detail, so below 1 something is amiss."""

UNLIKE = (0.5, 0.8)
"""Sliced Wasserstein distance from the style over the clip's own: painted below, hardly painted above."""

PASTED = (0.2, 0.3)
"""Borrowed subject: left behind below, pasted above. Of 42 paintings that were sorted by eye, 0.25 sorts 38 alike."""

PHOTOGRAPHIC = (0.75, 0.85)
"""Fine detail: the brush's below, the photograph's own above."""

LOST = (2.0, 2.5)
"""Content distance: bikes painted as a wave is at 1.4, another shot of the same film at 2.8."""

VAGUE = (0.97, 0.9)
"""Shapes over a still's: above the first nobody misses anything, below the second figures are ghosts."""

BARE = (1.35, 1.8)
"""Style distance of newly uncovered regions over the rest's: painted below, bare above. What they show is unlike the
rest, so that even with every frame painted alone it was 1.2 on bikes."""

DRIFTS = (2.0, 5.0)
"""Stray L*, or stray distance in a* and b*, over a shot."""

FADES = (1.15, 1.4)
"""Stray sharpness over a shot, a factor either way."""


def verdicts(summary: Summary) -> list[Verdict]:
    """The verdicts that the figures allow."""
    found = [
        _steadiness(summary),
        _calm(summary),
        _sharpness(summary),
        _style(summary),
        _subject(summary),
        _uncovered(summary),
        _fine_detail(summary),
        _content(summary),
        _legible(summary),
        _currency(summary),
        _drift(summary),
    ]
    return [verdict for verdict in found if verdict is not None]


def _steadiness(summary: Summary) -> Verdict | None:
    if summary.repeated:
        count = len(summary.repeated)
        some = f"frame {summary.repeated[0]}" if count == 1 else f"{count} frames, the first {summary.repeated[0]},"
        return Verdict("Steadiness", "poor", "stalls", f"{some} repeats the one before while the clip moves on")
    errors = summary.warp[1]
    ratio = errors.over_carried
    if ratio is None:
        return None
    sentence = f"warp error {ratio:.2g} times that of a painting that is merely carried along"
    if summary.drift.flicker > VISIBLE_FLICKER:
        jump = f"brightness jumps by {summary.drift.flicker:.1f} L* forth and back"
        return Verdict("Steadiness", "poor", "flickers", f"{jump}; {sentence}")
    grade = _grade(ratio, (STEADY, FLICKERS))
    if (errors.over_clip or 0) <= 1:
        return Verdict("Steadiness", "good", "steady", "no more warp error than the clip itself has")
    if grade != "good" and (summary.rhythm or 0) > SWINGS:
        return Verdict("Steadiness", grade, "smears", f"{sentence}, and it goes on from frame to frame")
    return Verdict("Steadiness", grade, {"good": "steady", "fair": "restless", "poor": "flickers"}[grade], sentence)


def _calm(summary: Summary) -> Verdict | None:
    boil = summary.boil[1]
    if boil.level is None:
        return None
    sentence = f"changes by {boil.level:.1f} of 255 a frame where the clip rests, which {boil.share:.0%} of it does"
    return _judged("At rest", boil.level, BOILS, ("calm", "stirs", "boils"), sentence)


def _currency(summary: Summary) -> Verdict | None:
    if summary.stale.share is None:
        return None
    sentence = f"{summary.stale.share:.0%} of what changed shows the shapes of five frames before"
    return _judged("Changes", summary.stale.share, STALE, ("up to date", "lags", "left behind"), sentence)


def _sharpness(summary: Summary) -> Verdict:
    sentence, over_style = f"{summary.sharpness:.2g} times as sharp as the clip", summary.sharpness_over_style
    if over_style is None:
        value, (soft, blurred) = summary.sharpness, SOFT_BESIDE_CLIP
    else:
        value, (soft, blurred) = over_style, SOFT
        sentence = f"{over_style:.2g} times as sharp as the style, {summary.sharpness:.2g} times the clip"
    # Here more is better.
    return _judged("Sharpness", -value, (-soft, -blurred), ("crisp", "soft", "blurred"), sentence)


def _style(summary: Summary) -> Verdict | None:
    if summary.style is None or summary.clip_style is None:
        return None
    ratio = summary.style.wasserstein / max(summary.clip_style.wasserstein, 1e-9)
    sentence = f"{ratio:.2g} times as far from the style as the clip is"
    return _judged("Style", ratio, UNLIKE, ("in style", "faint", "unlike"), sentence)


def _subject(summary: Summary) -> Verdict | None:
    if summary.borrowed is None:
        return None
    sentence = f"{summary.borrowed:.0%} of what the style picture shows came along"
    return _judged("Style's subject", summary.borrowed, PASTED, ("left behind", "in traces", "pasted"), sentence)


def _content(summary: Summary) -> Verdict | None:
    if summary.content is None:
        return None
    sentence = f"distance {summary.content:.2g}; 0 is the clip, 3 has nothing of it"
    return _judged("Content", summary.content, LOST, ("kept", "loose", "lost"), sentence)


def _fine_detail(summary: Summary) -> Verdict | None:
    if summary.fine_detail is None:
        return None
    sentence = f"what is finer than a stroke goes with the clip's own detail by {summary.fine_detail:.2f}"
    return _judged(
        "Fine detail", summary.fine_detail, PHOTOGRAPHIC, ("painted", "shines through", "photographic"), sentence
    )


def _legible(summary: Summary) -> Verdict | None:
    if summary.legible is None:
        return None
    sentence = f"{summary.legible:.2f} times the shapes of the same frames painted as stills"
    return _judged(
        "Legible", -summary.legible, (-VAGUE[0], -VAGUE[1]), ("as a still", "vague", "blurred over"), sentence
    )


def _uncovered(summary: Summary) -> Verdict | None:
    regions = summary.uncovered
    if regions is None or regions.inside is None or regions.rest is None:
        return None
    ratio = regions.inside.wasserstein / max(regions.rest.wasserstein, 1e-9)
    sentence = f"newly uncovered regions are {ratio:.2g} times as far from the style as the rest"
    return _judged("New regions", ratio, BARE, ("painted", "thin", "bare"), sentence)


def _drift(summary: Summary) -> Verdict | None:
    if summary.first == summary.last:
        return None
    drift = summary.drift
    fades = math.exp(abs(math.log(drift.stray_sharpness)))
    grades = [_grade(abs(drift.stray_lightness), DRIFTS), _grade(drift.stray_colour, DRIFTS), _grade(fades, FADES)]
    worst = max(grades, key=GRADES.index)
    sentence = (
        f"over a shot at most {drift.lightness:+.1f} L*, {drift.colour:.1f} in colour, sharpness × "
        f"{drift.sharpness:.2f}, the clip's own taken off"
    )
    return Verdict("Drift", worst, {"good": "stable", "fair": "shifts", "poor": "drifts"}[worst], sentence)


def _judged(
    aspect: str, value: float, limits: tuple[float, float], words: tuple[str, str, str], sentence: str
) -> Verdict:
    """The verdict on a figure of which less is better; `words` are for good, fair and poor."""
    grade = _grade(value, limits)
    return Verdict(aspect, grade, words[GRADES.index(grade)], sentence)


def _grade(value: float, limits: tuple[float, float]) -> Grade:
    return "good" if value <= limits[0] else "fair" if value <= limits[1] else "poor"
