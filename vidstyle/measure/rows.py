"""The table of a measurement: which figures people are shown, under which names, in which order."""

from collections.abc import Callable
from dataclasses import dataclass

from vidstyle.measure.results import Summary, WarpErrors


@dataclass(frozen=True)
class Row:
    """A figure: what it is about, its name, how to read it, and its text, which is None where it was not measured."""

    group: str
    label: str
    hint: str
    text: Callable[[Summary], str | None]


def scientific(value: float | None) -> str | None:
    """Two digits: "1.8e-4"."""
    if value is None:
        return None
    digits, exponent = f"{value:.1e}".split("e")
    return "0" if value == 0 else f"{digits}e{int(exponent)}"


def factor(value: float | None) -> str | None:
    """Times something: "1.32×", "12×"."""
    return None if value is None else f"{value:.2f}×" if value < 9.995 else f"{value:.0f}×"


def percent(value: float | None) -> str | None:
    """A share: "93%", "0.4%"."""
    return None if value is None else f"{100 * value:.0f}%" if value >= 0.0995 else f"{100 * value:.1f}%"


def plain(value: float | None) -> str | None:
    """Three digits."""
    return None if value is None else f"{value:.3f}"


def signed(value: float | None) -> str | None:
    """With its sign: "+0.4"."""
    return None if value is None else f"{value:+.2f}"


def _warp(
    gap: int, read: Callable[[WarpErrors], float | None], write: Callable[[float | None], str | None]
) -> Callable[[Summary], str | None]:
    def text(summary: Summary) -> str | None:
        errors = summary.warp[gap]
        return None if errors.output is None else write(read(errors))

    return text


def _boil(gap: int) -> Callable[[Summary], str | None]:
    def text(summary: Summary) -> str | None:
        level = summary.boil[gap].level
        return None if level is None else f"{level:.1f}"

    return text


def _over_time(text: Callable[[Summary], str | None]) -> Callable[[Summary], str | None]:
    """A figure that a single frame has not."""
    return lambda summary: None if summary.first == summary.last else text(summary)


def _repeated(summary: Summary) -> str:
    if not summary.repeated:
        return "none"
    shown = ", ".join(map(str, summary.repeated[:5]))
    return f"{len(summary.repeated)}: {shown}" + (", …" if len(summary.repeated) > 5 else "")


def _inside(name: str) -> Callable[[Summary], str | None]:
    def text(summary: Summary) -> str | None:
        regions = summary.uncovered
        if regions is None or regions.inside is None or regions.rest is None:
            return None
        return f"{getattr(regions.inside, name):.3f} : {getattr(regions.rest, name):.3f}"

    return text


def _over_clip(summary: Summary) -> str | None:
    if summary.style is None or summary.clip_style is None or not summary.clip_style.wasserstein:
        return None
    return factor(summary.style.wasserstein / summary.clip_style.wasserstein)


STEADY, DETAIL, STYLE, CONTENT, DRIFT = "Steadiness", "Sharpness", "Style", "Content", "Drift"

ROWS: tuple[Row, ...] = (
    Row(STEADY, "Warp error", "from frame to frame", _warp(1, lambda e: e.output, scientific)),
    Row(STEADY, "· over the clip's", "1 is as steady as the clip", _warp(1, lambda e: e.over_clip, factor)),
    Row(
        STEADY,
        "· over a carried painting's",
        "1 is as steady as paint can be; well below, it is blurred",
        _warp(1, lambda e: e.over_carried, factor),
    ),
    Row(STEADY, "· pixels compared", "", _warp(1, lambda e: e.kept, percent)),
    Row(STEADY, "Warp error over 10 frames", "slow boiling", _warp(10, lambda e: e.output, scientific)),
    Row(STEADY, "· over the clip's", "", _warp(10, lambda e: e.over_clip, factor)),
    Row(STEADY, "· over a carried painting's", "", _warp(10, lambda e: e.over_carried, factor)),
    Row(STEADY, "· pixels compared", "", _warp(10, lambda e: e.kept, percent)),
    Row(STEADY, "Boil", "change, of 255, where the clip rests", _boil(1)),
    Row(STEADY, "· over 10 frames", "", _boil(10)),
    Row(STEADY, "· of the frame", "that rests", _over_time(lambda s: percent(s.boil[1].share))),
    Row(STEADY, "Rhythm", "below -0.1 it swings back: flicker; above, it goes on: smear", lambda s: signed(s.rhythm)),
    Row(STEADY, "Frame difference", "change that is not the clip's, without flow", lambda s: plain(s.difference)),
    Row(
        STEADY,
        "Brightness flicker",
        "L*, against the frames before and after",
        _over_time(lambda s: f"{s.drift.flicker:.2f}"),
    ),
    Row(STEADY, "Repeated frames", "while the clip moves on", _over_time(_repeated)),
    Row(DETAIL, "Sharpness", "times the clip's; below 1 is softer", lambda s: factor(s.sharpness)),
    Row(DETAIL, "· over the style's", "encoding and blur lower it", lambda s: factor(s.sharpness_over_style)),
    Row(STYLE, "Gram distance", "0 is the style itself", lambda s: plain(s.style.gram if s.style else None)),
    Row(
        STYLE,
        "Sliced Wasserstein",
        "not what painting minimises",
        lambda s: plain(s.style.wasserstein if s.style else None),
    ),
    Row(STYLE, "· over the clip's", "how much nearer to the style it is", _over_clip),
    Row(
        STYLE,
        "Borrowed subject",
        "0: nothing of what the style picture shows; 1: all of it",
        lambda s: None if s.borrowed is None else f"{s.borrowed:.2f}",
    ),
    Row(STYLE, "Newly uncovered", "of the frame", lambda s: percent(s.uncovered.share if s.uncovered else None)),
    Row(STYLE, "· Gram there : rest", "larger there: left bare", _inside("gram")),
    Row(STYLE, "· Wasserstein there : rest", "", _inside("wasserstein")),
    Row(CONTENT, "Shapes", "1: every edge of the clip is where it was", lambda s: plain(s.shape)),
    Row(CONTENT, "· over a still's", "1: as legible as a frame painted alone", lambda s: factor(s.legible)),
    Row(
        CONTENT,
        "Fine detail",
        "0: what is finer than a stroke is the brush's; 1: it is the clip's, as in a photograph",
        lambda s: None if s.fine_detail is None else f"{s.fine_detail:.2f}",
    ),
    Row(
        CONTENT,
        "Stale paint",
        "of what changed: what shows the shapes of five frames before",
        lambda s: None if s.stale.share is None else f"{s.stale.share:.2f}",
    ),
    Row(CONTENT, "Content distance", "CFSD; 0 is the clip itself", lambda s: plain(s.content)),
    Row(DRIFT, "Brightness", "L* over the shot", _over_time(lambda s: signed(s.drift.lightness))),
    Row(DRIFT, "Colour", "a*, b* over the shot", _over_time(lambda s: f"{s.drift.colour:.2f}")),
    Row(DRIFT, "Sharpness", "its end over its beginning", _over_time(lambda s: factor(s.drift.sharpness))),
)
"""All figures; those of the whole clip's drift are the shot's where it is largest."""
