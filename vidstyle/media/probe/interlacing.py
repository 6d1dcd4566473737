"""Is a clip interlaced that doesn't say so? Found by the combs that motion leaves in frames of two times.

Where something moves, a frame's lines are compared with those between them: the frame's own, and its neighbours'
(as FFmpeg's filter idet does). In an interlaced clip one neighbour's fit better than the other's, and about as well as
the frame's own; in a progressive one both fit alike, and worse than the frame's own.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice

import av
import numpy as np
from av.video.frame import VideoFrame

from vidstyle.media import demuxer
from vidstyle.media.source import Fields, Source
from vidstyle.ranges import spread_evenly
from vidstyle.settings import Deinterlace

# Lines, and frames a second, beyond which nothing is interlaced: 1080i is stored as 1088 lines.
_MOST_LINES, _FASTEST = 1088, 31
_FIRST, _PLACES, _FRAMES, _COLUMNS = 20, 4, 6, 320
"""Combs are looked for in so many frames at the beginning, then at so many places in a few frames, in some columns."""
# Pixels that change by so much, of 255, move, and so large a share of a frame tells something.
_MOVED, _LEAST = 12, 0.002
# By how much one neighbour must fit worse than the other; by how much the frame's own lines may fit better than the
# better neighbour's in a combed frame, and must in a progressive one.
_ONE_SIDED, _COMBED, _PROGRESSIVE = 1.2, 0.75, 0.6
# Of the frames with motion, those with combs: two in five are, of film in telecine. The other field is seldom first.
_SHARE, _FEWEST, _CONTRARY = 0.3, 3, 0.25


def with_fields(source: Source, marked: bool, asked: Deinterlace) -> Source:
    """The clip, with how it is deinterlaced and a sentence that says so; `marked` says what its own frames say."""
    fields: Fields = ""
    if asked == "off":
        told = "the clip is interlaced, and stays so: --deinterlace off." if marked else ""
    elif marked and asked == "auto":
        fields, told = "marked", "the clip is interlaced: it is deinterlaced, one frame for each."
    elif asked == "auto":
        fields = find_fields(source) if _may_be_interlaced(source) else ""
        told = fields and (
            f"the clip is interlaced and not marked so (its combs show the {fields} field first): it is deinterlaced, "
            "one frame for each; --deinterlace off leaves it as it is."
        )
    else:
        fields = find_fields(source) or ("marked" if marked else "top")
        first = "" if fields == "marked" else f" (the {fields} field first)"
        told = f"the clip is deinterlaced, one frame for each, as --deinterlace on asks{first}."
    return replace(source, interlaced=fields, warnings=source.warnings + ((told,) if told else ()))


def find_fields(source: Source) -> Fields:
    """Which field of a clip's frames is shown first, "top" or "bottom"; empty where each has one time, as it seems."""
    votes: Counter[str] = Counter()
    with suppress(av.FFmpegError):  # what can't be decoded is told elsewhere
        for lines in _runs(source):
            votes.update(map(vote, lines, islice(lines, 1, None), islice(lines, 2, None)))
    found: Fields = "top" if votes["top"] > votes["bottom"] else "bottom"
    contrary, moving = min(votes["top"], votes["bottom"]), votes.total() - votes[""]
    sure = votes[found] >= max(_FEWEST, _SHARE * moving) and contrary <= _CONTRARY * votes[found]
    return found if sure else ""


def _runs(source: Source) -> Iterator[list[np.ndarray]]:
    """Frames that follow each other, (H, W) 0..255, from the clip's beginning and from keyframes within."""
    with demuxer.opened(source.path) as container:
        stream = demuxer.stream_at(container, source.stream)
        yield [_brightness(frame) for frame in islice(demuxer.Decoder(container, stream, threads=False), _FIRST)]
        later = spread_evenly(range(len(source.pts)), _PLACES) if len(source.pts) > 2 * _FIRST else []
        passed = source.pts[min(_FIRST, len(source.pts)) - 1]
        for start in later if source.seekable and not source.damaged else []:
            container.seek(source.pts[start], stream=stream)
            frames = list(islice(demuxer.Decoder(container, stream, threads=False), _FRAMES))
            if frames and frames[0].pts is not None and frames[0].pts > passed:
                passed = frames[0].pts
                yield [_brightness(frame) for frame in frames]


def _brightness(frame: VideoFrame) -> np.ndarray:
    """A frame's first plane, which is its brightness in nearly all clips; every few columns of it."""
    if frame.format.components[0].bits != 8 or not frame.format.is_planar:
        lines = frame.to_ndarray(format="gray")
    else:
        plane = frame.planes[0]
        lines = np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, -1)[:, : plane.width]
    return lines[:, :: max(1, lines.shape[1] // _COLUMNS)].astype(np.int16)


def vote(before: np.ndarray, frame: np.ndarray, after: np.ndarray) -> str:
    """What three frames in a row, (H, W) int16, tell of the middle one: "top" or "bottom" field first, "progressive".

    Empty where nothing moves, or it can't be told.
    """
    if not before.shape == frame.shape == after.shape or frame.shape[0] < 8:
        return ""
    moves = np.abs(after - before)[1:-1] > _MOVED
    if moves.mean() < _LEAST:
        return ""
    around = frame[:-2] + frame[2:]
    # Lines 1, 3, 5 … are the bottom field's.
    bottom = np.zeros(moves.shape, bool)
    bottom[::2] = True

    def misfit(image: np.ndarray, where: np.ndarray) -> float:
        return float(np.abs(around - 2 * image[1:-1])[moves & where].sum())

    first = misfit(after, bottom) + misfit(before, ~bottom)
    second = misfit(before, bottom) + misfit(after, ~bottom)
    own, better, worse = misfit(frame, moves), min(first, second), max(first, second)
    if worse > _ONE_SIDED * better and own > _COMBED * better:
        return "top" if first > second else "bottom"
    return "progressive" if own < _PROGRESSIVE * better else ""


def _may_be_interlaced(source: Source) -> bool:
    lines = source.height if source.rotation in (0, 180) else source.width
    return lines <= _MOST_LINES and source.frame_rate <= _FASTEST and source.container not in ("gif", "apng")
