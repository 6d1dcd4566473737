"""A clip's shots: which of its frames are painted, where it is cut, and the pieces of long shots."""

import dataclasses
import itertools
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from vidstyle.errors import UsageError
from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.media.images.plates import require_other_parts
from vidstyle.media.loop import read_round
from vidstyle.media.probe.damage import accept_losses
from vidstyle.media.probe.inspection import Inspection
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source, scaled_size
from vidstyle.media.timecode import timecode_after
from vidstyle.motion.bars import Picture, find_picture, may_have_bars
from vidstyle.motion.shots.cuts import CUTS_SIDE, find_cuts
from vidstyle.motion.shots.light import LIGHT_SIDE, luma, may_change, shot_light
from vidstyle.motion.shots.shot_light import ShotLight
from vidstyle.ranges import spread_evenly
from vidstyle.settings import MediaSettings, Moment, Settings, parse_frames, parse_limit, parse_start

OVERLAP = 24
"""Frames that two pieces share, if they are as long. Two paintings of one frame differ by 0.16 (root mean square); a
24th of that a frame raises the warp error by a seventh where it is 0.0002, a 10th doubles it."""


_LOOKS = 9
"""Frames of a shot on which bars are looked for in full size."""
_SHORT = 64
"""A shot of so many frames at most is read from end to end for that."""


def pieces(start: int, stop: int, longest: int) -> list[tuple[int, int]]:
    """Parts of about one length of a shot, the frames `start` to before `stop`, each sharing frames with the next.

    A part has `longest` frames at most, not counting what it is lengthened by at either end to share frames.

    >>> pieces(0, 30, 10)
    [(0, 15), (5, 25), (15, 30)]
    """
    count = -(-(stop - start) // longest)
    steps = [start + (stop - start) * number // count for number in range(count + 1)]
    shared = min(OVERLAP, *(last - first for first, last in itertools.pairwise(steps)))
    before, after = shared // 2, shared - shared // 2
    return [(max(first - before, start), min(last + after, stop)) for first, last in itertools.pairwise(steps)]


def parts(start: int, stop: int, longest: int, given: Iterable[int]) -> list[tuple[int, int, bool]]:
    """The parts in which a shot is painted, and whether each is painted backwards, from its last frame.

    What comes before the first `given` keyframe is painted backwards from it. Others begin with a given one as far as
    can be, and end with the one that the next begins with: such parts need share no more. Only where two given
    keyframes, or the shot's ends, are farther apart than `longest` are there pieces in between.

    >>> parts(0, 30, 10, [])
    [(0, 15, False), (5, 25, False), (15, 30, False)]
    >>> parts(0, 30, 30, [12, 20])
    [(0, 13, True), (12, 30, False)]
    >>> parts(0, 30, 10, [12, 20])
    [(0, 9, False), (3, 13, True), (12, 21, False), (20, 30, False)]
    """
    known = {index for index in given if start <= index < stop}
    spans: list[tuple[int, int]] = []
    for first, last in itertools.pairwise(sorted({start, stop - 1} | known)) if known else [(start, stop - 1)]:
        if spans and spans[-1][0] in known and last - spans[-1][0] < longest:
            spans[-1] = spans[-1][0], last
        else:
            spans.append((first, last))
    cut: list[tuple[int, int]] = []
    for first, last in spans or [(start, stop - 1)]:
        own = last - first + (first not in known)  # the frame that it begins with may be the part before's
        cut += pieces(first, last + 1, longest) if own > longest else [(first, last + 1)]
    return [(first, after, after - 1 in known and first not in known) for first, after in cut]


def selected_frames(source: Source, media: MediaSettings) -> range:
    """The indices of the frames that ``frames``, ``start`` and ``limit`` leave of a clip.

    Raises
    ------
    UsageError
        No frame is left, they are numbered from 1 and 0 is asked for, or a timecode is, and the clip has none.
    """
    count = len(source.pts)
    frames = range(count)
    if media.frames or media.start:
        asked = f"--frames {media.frames}" if media.frames else f"--from {media.start}"
        first, last = parse_frames(media.frames) if media.frames else (parse_start(media.start or ""), None)
        if first and first.kind == "frame" and first.value == 0 and not source.numbers:
            raise UsageError(f"{asked}: frames count from 1.")
        try:
            frames = source.range_of(first, last)
        except UsageError as error:
            raise UsageError(f"{asked}: {error}") from error
        if not frames or frames.start >= count:
            raise UsageError(f"{asked}: '{source.path}' has {_extent(source, first or last)}.")
    if media.limit:
        limit = parse_limit(media.limit)
        if isinstance(limit, int):
            return frames[:limit]
        end = source.pts[frames.start] + limit / source.time_base
        return range(frames.start, min(frames.stop, max(bisect_left(source.pts, end), frames.start + 1)))
    return frames


def _extent(source: Source, asked: Moment | None) -> str:
    """What a clip has, in the terms in which something else was asked for."""
    if asked is not None and asked.in_seconds:
        return f"{float(source.seconds[-1]):.6g} s"
    if asked is not None and asked.timecode and source.timecode:
        last = timecode_after(source.timecode, len(source.pts) - 1, source.frame_rate)
        return f"the timecodes {source.timecode} to {last}"
    if source.numbers:
        return f"the frames {source.numbers[0]} to {source.numbers[-1]}"
    return f"only {len(source.pts)} frames, from 1 on"


def inspect_shots(
    source: Source, frames: range, settings: Settings, given: Sequence[int] = ()
) -> tuple[Source, tuple[Shot, ...], tuple[str, ...]]:
    """The clip as it is to be read, its shots, and warnings of damage: all from decoding every frame once.

    Shots are cut at keyframes that are `given`, by their indices: see :func:`parts`. In a loop the last shot goes on
    behind its end, over frames of its beginning.

    Raises
    ------
    InputError
        More frames are damaged than the settings allow.
    """
    small = scaled_size(source, min(CUTS_SIDE, max(source.width, source.height)))
    inspection = Inspection(source)
    looked_at = inspection.watched(read_frames(source, frames.start, frames.stop, small, to_paint=True))
    again = read_frames(source, frames.start, frames.start + _ahead(frames, settings), small, to_paint=True)
    means: list[float] = []
    barred: list[bool] = []
    images = _metered((frame.image for frame in itertools.chain(looked_at, again)), means, barred)
    cuts = find_cuts(images, settings.motion.cuts, frames.start, frames.stop, source.numbers)
    deque(images, maxlen=0)  # where the cuts are known, nobody has looked yet
    for file in source.files[frames.start : frames.stop] if source.window else ():
        require_other_parts(file)
    stop = frames.stop + _closing(frames, cuts, settings, given)
    bounds = [frames.start, *(cut for cut in cuts if cut < frames.stop), stop]
    whole = _shots(source, bounds, settings, frames, (np.array(means), np.array(barred)))
    shots = tuple(cut_at(given, source, whole, settings.motion.max_shot_frames, frames))
    losses = inspection.losses
    source = dataclasses.replace(source, damaged=source.damaged or bool(losses), uneven=bool(inspection.fitted))
    warnings = accept_losses(source.path, losses, settings.media.on_damage) + inspection.notes
    if settings.motion.loop == "on" and stop == frames.stop:
        warnings += (
            "--loop: no motion leads from the last frame to the first one, so that there is nothing to close.",
        )
    return source, shots, warnings


def whole_shots(job: Job) -> list[Shot]:
    """A job's shots from cut to cut: the pieces of each are one."""
    wholes: list[Shot] = []
    for shot in job.shots:
        if wholes and shot.start < wholes[-1].stop:
            wholes[-1] = _merged(wholes[-1], shot)
        else:
            wholes.append(shot)
    return wholes


def _merged(first: Shot, second: Shot) -> Shot:
    """Two pieces of a shot that share frames as one, with the number of the first."""
    light, offset = first.light, second.start - first.start
    if light and second.light:
        gains, offsets = light.gains[:offset] + second.light.gains, light.offsets[:offset] + second.light.offsets
        blind = sorted({*light.blind, *(place + offset for place in second.light.blind)})
        light = dataclasses.replace(light, gains=gains, offsets=offsets, blind=tuple(blind))
    return dataclasses.replace(first, stop=second.stop, pts=(first.pts[0], second.pts[1]), light=light)


def _ahead(frames: range, settings: Settings) -> int:
    """How many frames of a loop's beginning may be painted once more behind its end."""
    longest = settings.motion.max_shot_frames
    most = min(OVERLAP, len(frames) // 2, max(1, longest // 4) if longest else OVERLAP)
    return most if settings.motion.loop == "on" else 0


def _closing(frames: range, cuts: Sequence[int], settings: Settings, given: Sequence[int]) -> int:
    """How many are: 0 where there is a cut between its end and its beginning, and no more than its first shot has."""
    before_given = [index + 1 - frames.start for index in given if index > frames.start]
    behind = [cut - frames.stop for cut in cuts if cut >= frames.stop]
    inside = [cut - frames.start for cut in cuts if cut < frames.stop]
    return min(_ahead(frames, settings), *behind, *inside[:1], *before_given, len(frames))


def _metered(images: Iterable[np.ndarray], means: list[float], barred: list[bool]) -> Iterator[np.ndarray]:
    """The same images; as each passes its mean luma is added to `means`, and to `barred` whether it may have bars."""
    for image in images:
        means.append(float(luma(image).mean()))
        barred.append(may_have_bars(image.max(-1)))
        yield image


def _shots(
    source: Source, bounds: Sequence[int], settings: Settings, frames: range, seen: tuple[np.ndarray, np.ndarray]
) -> tuple[Shot, ...]:
    """The shots between these frames, each with its light and what is between its bars.

    The last one may go on behind the end of the `frames`. What was `seen` of each frame is its mean luma, and whether
    it may have bars.
    """
    means, barred = seen
    shots: list[Shot] = []
    if source.kind == "still":  # it is painted as it is: night and bars are of films
        return (Shot(1, 0, 1, (source.pts[0], source.pts[0])),)
    for start, stop in itertools.pairwise(bounds):
        looked_at = slice(start - bounds[0], stop - bounds[0])
        light = _light(source, start, stop, frames) if may_change(means[looked_at]) else None
        bars = settings.media.bars == "keep" and barred[looked_at].mean() >= 0.5
        picture = _picture(source, range(start, min(stop, frames.stop))) if bars else None
        shots.append(Shot(len(shots) + 1, start, stop, (0, 0), light, picture))
    return tuple(shots)


def cut_at(
    given: Sequence[int], source: Source, shots: Iterable[Shot], longest: int | None, frames: range
) -> Iterator[Shot]:
    """The parts of whole shots, in order; the last one may go on behind the end of the `frames`."""
    number = itertools.count(1)
    for shot in shots:
        for first, stop, backwards in parts(shot.start, shot.stop, longest or len(shot.frames), given):
            light = shot.light and shot.light.part(first - shot.start, stop - shot.start)
            last = stop - 1 if stop <= frames.stop else stop - 1 - len(frames)
            pts = source.pts[first], source.pts[last]
            yield Shot(next(number), first, stop, pts, light, shot.picture, backwards)


def _picture(source: Source, frames: range) -> Picture | None:
    """What is between a shot's bars, found on some of its frames in their full size."""
    chosen = spread_evenly(frames, _LOOKS)
    # From its nearest keyframe each would be decoded once more, which takes longer than a short shot does.
    runs = [chosen] if len(frames) <= _SHORT else [[index] for index in chosen]
    looked_at = (frame for run in runs for frame in read_frames(source, run[0], run[-1] + 1, to_paint=True))
    return find_picture([frame.image.max(-1) for frame in looked_at if frame.index in chosen])


def _light(source: Source, start: int, stop: int, loop: range) -> ShotLight | None:
    """How the light of a shot changes, from decoding it once more: few shots' does."""
    small = scaled_size(source, min(LIGHT_SIDE, max(source.size)))
    return shot_light(luma(frame.image) for frame in read_round(source, start, stop, small, loop=loop))
