"""Painted frames: pictures that stand for the frames they were painted on, and become given keyframes of a job.

They lie in ``given/`` of the job folder, at the frames' size and as frame files are kept, so that every node has the
same ones, and a frame file is a copy of its picture.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidstyle.errors import InputError, UsageError
from vidstyle.jobs.folder.files import file_sizes, make_folder, publishing
from vidstyle.jobs.folder.job import GIVEN, GivenKey, Job
from vidstyle.media.images.pictures import header_size
from vidstyle.media.images.sequence import list_pictures, names_many_files, numbers_of
from vidstyle.media.images.stills import encode_frame, read_image
from vidstyle.media.probe.probe import fingerprint
from vidstyle.media.reader import read_frames, resize
from vidstyle.media.source import Source, scaled_size
from vidstyle.motion.filters import blurred, scaled_down
from vidstyle.motion.flow import Array
from vidstyle.paths import exists
from vidstyle.ranges import spread_evenly

# By how much a picture's aspect may differ from the clip's, beside the rounding of their sizes.
_ASPECT = 0.01
# Pixels of the long side at which shapes are compared, and the standard deviation of the windows that they lie in.
_GLANCE, _WINDOW = 160, 4.0
# Other frames of the clip that a picture's shapes are compared with.
_LOOKS = 9
# A painting keeps half of its frame's shapes, and a tenth is what pictures of different things have in common.
_LIKE, _NEARER = 0.2, 0.15


@dataclass(frozen=True)
class PaintedFrame:
    """A picture that was painted on the frame with that index in the clip."""

    index: int
    path: Path


def painted_frames(words: Sequence[str], source: Source, frames: range) -> tuple[PaintedFrame, ...]:
    """The painted frames that ``41=frame41.png``, folders of numbered pictures or patterns of them name, in order.

    Of many pictures those are taken that are among the frames to be painted.

    Raises
    ------
    UsageError
        A word is none of these, a frame isn't painted, or two pictures are for one.
    InputError
        A folder has no numbered picture.
    """
    found: dict[int, Path] = {}
    for word in words:
        for index, path in _named(word, source, frames):
            if index in found:
                raise UsageError(
                    f"frame {source.number(index)} is painted twice, in '{found[index]}' and '{path}': name one."
                )
            found[index] = path
    return tuple(PaintedFrame(index, found[index]) for index in sorted(found))


def split_word(word: str) -> tuple[int, str] | None:
    """The number and the file of ``41=frame41.png``; None where a folder or a pattern is named."""
    match = re.match(r"\s*(\d{1,16})\s*=(.*)", word)
    return None if match is None or exists(Path(word).expanduser()) else (int(match[1]), match[2].strip())


def _named(word: str, source: Source, frames: range) -> Iterator[tuple[int, Path]]:
    known = source.numbers or range(1, len(source.pts) + 1)
    first, last = source.number(frames.start), source.number(frames.stop - 1)
    if pair := split_word(word):
        number, name = pair
        if number not in known or known.index(number) not in frames:
            raise UsageError(f"'{word}': the frames to be painted are {first} to {last}.")
        if not name:
            raise UsageError(f"'{word}' names no picture: write {number}=frame{number}.png.")
        yield known.index(number), Path(name).expanduser()
        return
    path = Path(word).expanduser()
    if not word.strip() or not names_many_files_or_none(path):
        raise UsageError(
            f"'{word}' is no painted frame: write its number and its picture, as in 41=frame41.png, or name a folder "
            "of numbered pictures."
        )
    files = list_pictures(path)
    numbers = numbers_of(files)
    if not numbers:
        raise InputError(f"the pictures in '{path}' are not numbered: their names must say which frames they are of.")
    chosen = [(number, file) for number, file in zip(numbers, files, strict=True) if number in known]
    chosen = [(number, file) for number, file in chosen if known.index(number) in frames]
    if not chosen:
        raise UsageError(f"'{path}' has the frames {numbers[0]} to {numbers[-1]}; to be painted are {first} to {last}.")
    yield from ((known.index(number), file) for number, file in chosen)


def names_many_files_or_none(path: Path) -> bool:
    """Whether a path names many files; False where it can't be looked at."""
    with contextlib.suppress(OSError):
        return names_many_files(path)
    return False


def painting_words(painted: Sequence[PaintedFrame], source: Source) -> list[str]:
    """What painted frames are known by in a job's identity.

    Raises
    ------
    InputError
        A picture can't be read.
    """
    return [f"{source.number(each.index)}={fingerprint(each.path)[:12]}" for each in painted]


def check_paintings(painted: Sequence[PaintedFrame], source: Source, max_megapixels: int) -> None:
    """Make sure that painted frames are pictures of the clip's aspect.

    Raises
    ------
    InputError
        One can't be read, or has another aspect.
    """
    for each in painted:
        width, height = header_size(each.path)
        wide, high = width * source.height, height * source.width
        if abs(wide - high) > max(_ASPECT * high, source.width + source.height):
            raise InputError(
                f"the painted frame '{each.path}' is {width}×{height} pixels, and the clip {source.width}×"
                f"{source.height}: paint on what 'vidstyle frame' writes."
            )
        read_image(each.path, max_megapixels=max_megapixels)


def unlike_frames(painted: Sequence[PaintedFrame], source: Source, frames: range) -> Iterator[str]:
    """A sentence for each painted frame whose shapes are not its frame's."""
    size = scaled_size(source, min(_GLANCE, max(source.size)))
    looked_at = sorted({each.index for each in painted} | set(spread_evenly(frames, _LOOKS))) if painted else []
    clip = {index: next(read_frames(source, index, index + 1, size)).image for index in looked_at}
    edges = {index: _edges(image) for index, image in clip.items()}
    for each in painted:
        shapes = _edges(resize(read_image(each.path, side=_GLANCE), size))
        likeness = {index: _likeness(edges[index], shapes) for index in looked_at}
        own, best = likeness[each.index], max(likeness, key=lambda index: likeness[index])
        number = source.number(each.index)
        if likeness[best] > own + _NEARER:
            yield (
                f"'{each.path}' has the shapes of frame {source.number(best)} rather than those of frame {number}, "
                "which it is given for."
            )
        elif own < _LIKE:
            yield f"'{each.path}' has hardly any of the shapes of frame {number}, which it is given for."


def make_given(job: Job, painted: Sequence[PaintedFrame], source: Source) -> None:
    """Write the files of given keyframes that are not there yet.

    A picture is painted in the light that its frame is seen in. As all of its shot it is kept in normal light.

    Raises
    ------
    InputError, OutputError, StorageError
        A picture can't be read, the folder can't be written, the disk is full.
    """
    known = {key.index for key in job.given}
    missing = [each for each in painted if each.index in known]
    if missing:
        make_folder(job.folder / GIVEN)
    there = file_sizes(job.folder / GIVEN) if missing else {}
    for each in missing:
        path = job.given_path(each.index)
        if path.name in there:
            continue
        with publishing(path) as file:
            file.write(encode_frame(_as_painted(job, each, source), job.bit_depth, source.display))


def given_keys(painted: Sequence[PaintedFrame]) -> tuple[GivenKey, ...]:
    """The given keyframes of a job with these painted frames."""
    return tuple(GivenKey(each.index) for each in painted)


def _as_painted(job: Job, painting: PaintedFrame, source: Source) -> np.ndarray:
    """A painted frame as frame files hold it, (H, W, 3)."""
    picture = read_image(painting.path, max_megapixels=job.settings.media.max_megapixels)
    image = source.display.from_srgb(resize(picture, job.size))
    for shot in job.shots:
        if painting.index in shot.frames and shot.light is not None:
            return shot.light.put_on(painting.index - shot.start).off(image)
    return image


def _edges(image: Array) -> Array:
    """The strength of a reduced picture's gradients, (h, w)."""
    grey = blurred(scaled_down(np.ascontiguousarray(image, np.float32), _GLANCE).mean(-1), 1.2)
    strength: Array = np.hypot(*np.gradient(grey)).astype(np.float32)
    return strength


def _likeness(frame: Array, picture: Array) -> float:
    """The correlation of a picture's edges with a frame's in windows, weighed by the frame's: 1 where all are there."""
    mean, other = blurred(frame, _WINDOW), blurred(picture, _WINDOW)
    covariance = blurred(frame * picture, _WINDOW) - mean * other
    variances = ((blurred(a * a, _WINDOW) - b * b).clip(1e-7) for a, b in ((frame, mean), (picture, other)))
    correlation = covariance / np.sqrt(np.prod(list(variances), axis=0))
    total = float(mean.sum())
    return float((correlation * mean).sum()) / total if total > 0 else 1.0
