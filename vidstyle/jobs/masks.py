"""The masks of a job's styles: made at the frames' size when the job is written, so that every node has the same ones.

They lie in ``masks/N/`` of the job folder, N being the style's number: a picture for each frame, or one for all.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vidstyle.errors import InputError, UsageError
from vidstyle.jobs.folder.files import make_folder, names, publishing, read_bytes
from vidstyle.jobs.folder.job import MASKS, Job, Shot, shot_spans
from vidstyle.media.images.stills import decode_frame, encode_frame
from vidstyle.media.probe.probe import fingerprint, probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source
from vidstyle.motion.masks.carried_mask import carry
from vidstyle.settings import Mask, MediaSettings, StyleImage

_FOR_ALL = "all.png"
# Values as near as this to black or white are black or white: a codec leaves noise there.
_NOISE = np.float32(1 / 64)
# By how much a mask's aspect may differ from the clip's, beside the rounding of their sizes.
_ASPECT = 0.01
# Pixels of the long side at which a mask is looked through for white.
_GLANCE = 128


def mask_words(mask: Mask) -> str:
    """What a mask is known by in a job's identity.

    Raises
    ------
    InputError
        A file of it can't be read.
    """
    if mask.path is not None:
        return fingerprint(mask.path)[:12]
    return ", ".join(f"{number}={fingerprint(path)[:12]}" for number, path in mask.drawn) or "alpha"


def check_mask(mask: Mask, source: Source, frames: range) -> None:
    """Make sure that a mask fits a clip, before anything is painted.

    Raises
    ------
    InputError
        A file can't be read, has another aspect or length, or no frame of it has any white.
    UsageError
        It is drawn on frames that are not painted, or the clip has no opacity.
    """
    for number, _ in mask.drawn:
        _index(number, source, frames)
    for path in mask.files:
        found = _opened(path)
        wide, high = found.width * source.height, found.height * source.width
        if abs(wide - high) > max(_ASPECT * high, source.width + source.height):
            raise InputError(
                f"the mask '{path}' is {found.width}×{found.height} pixels, and the clip {source.width}×"
                f"{source.height}: draw it at the clip's aspect."
            )
        if found.kind != "still":
            if mask.drawn:
                raise InputError(f"the mask '{path}' is of a frame, and no picture: take it as a mask of all frames.")
            _first(found, source, frames)
    if mask.drawn:
        seen = max(float(_picture(path, None).max()) for _, path in mask.drawn)
    else:
        scale = min(1.0, _GLANCE / max(source.size))
        small = max(1, round(source.width * scale)), max(1, round(source.height * scale))
        seen = max((float(image.max()) for _, image in mask_frames(mask, source, frames, small)), default=0.0)
    if seen == 0:
        name = " and ".join(f"'{path}'" for path in mask.files) or f"opacity of '{source.path}'"
        raise InputError(f"the mask {name} is black throughout: white is painted.")


def bare_shots(style: StyleImage, source: Source, shots: tuple[Shot, ...], frames: range) -> Iterator[str]:
    """A sentence for each shot on which nothing is drawn, where the style's mask is drawn on others."""
    drawn = [_index(number, source, range(len(source.pts))) for number, _ in style.mask.drawn] if style.mask else []
    for span in shot_spans(shots, frames) if drawn else ():
        if not any(index in span for index in drawn):
            first, last = source.number(span.start), source.number(span.stop - 1)
            yield f"no mask is drawn on the shot of frames {first} to {last}: {style.path.name} is not painted there."


def make_masks(job: Job, styles: tuple[StyleImage, ...], source: Source) -> Iterator[str]:
    """Make the masks that are not there yet, from those that the `styles` were given with.

    Yields
    ------
    What is being made, where that takes long.

    Raises
    ------
    InputError, OutputError, StorageError
        A mask can't be read, the folder can't be written, the disk is full.
    """
    for number, style in enumerate(styles, 1):
        mask, folder = style.mask, job.folder / MASKS / str(number)
        if mask is None or mask.path == folder:
            continue
        make_folder(folder)
        if mask.path is not None and _opened(mask.path).kind == "still":
            if _FOR_ALL not in names(folder):
                _write(folder / _FOR_ALL, _picture(mask.path, job.size))
            continue
        spans = shot_spans(job.shots, job.frames) if mask.drawn else [job.frames]
        for span in spans:
            if {_path(folder, index).name for index in span} <= names(folder):
                continue
            if mask.drawn:
                first, last = (job.number(index) for index in (span.start, span.stop - 1))
                yield f"the mask of {style.path.name} is carried over the frames {first} to {last}"
            for index, image in mask_frames(mask, source, span, job.size):
                _write(_path(folder, index), image)


def read_mask(folder: Path, index: int, size: tuple[int, int]) -> np.ndarray:
    """A style's mask of a frame, (H, W) float32, 0..1, as :func:`make_masks` left it in its folder.

    Raises
    ------
    InputError, StorageError
        It is gone, or damaged.
    """
    for path in (_path(folder, index), folder / _FOR_ALL):
        with contextlib.suppress(FileNotFoundError):
            grey: np.ndarray = decode_frame(read_bytes(path, size[0] * size[1] * 4 + 4096), size, None, path)[..., 0]
            return grey
    raise InputError(f"'{_path(folder, index)}' is gone: run the command again that planned the job.")


def mask_of_picture(mask: Mask, source: Source, size: tuple[int, int]) -> np.ndarray:
    """The mask of a clip that is one picture, (H, W) float32, 0..1; `size` is width and height."""
    _, image = next(mask_frames(mask, source, range(1), size))
    return image


def mask_frames(mask: Mask, source: Source, frames: range, size: tuple[int, int]) -> Iterator[tuple[int, np.ndarray]]:
    """A mask of some of the clip's frames, (H, W) float32 in 0..1, each with the frame's index.

    What is drawn is carried over the frames, which are those of one shot; `size` is width and height.

    Raises
    ------
    InputError, UsageError
        As :func:`check_mask`.
    """
    if mask.drawn:
        places = {_index(number, source, range(len(source.pts))): path for number, path in mask.drawn}
        drawn = {index - frames.start: _picture(path, size) for index, path in places.items() if index in frames}

        def clip() -> Iterator[np.ndarray]:
            return (frame.image for frame in read_frames(source, frames.start, frames.stop, size))

        yield from zip(frames, carry(clip, drawn), strict=True)
    elif mask.path is None:
        for frame in read_frames(source, frames.start, frames.stop, size):
            if frame.alpha is None:
                raise UsageError(f"'{source.path}' has no opacity: '@alpha' needs a clip that has.")
            yield frame.index, _clean(frame.alpha)
    elif (found := _opened(mask.path)).kind == "still":
        image = _picture(mask.path, size)
        yield from ((index, image) for index in frames)
    else:
        first = _first(found, source, frames)
        for frame in read_frames(found, first, first + len(frames), size):
            yield frame.index - first + frames.start, _brightness(frame.image, frame.alpha)


def _opened(path: Path) -> Source:
    """A mask's file, whose values are taken as they are stored."""
    return probe(path, MediaSettings(colorspace="srgb"))


def _picture(path: Path, size: tuple[int, int] | None) -> np.ndarray:
    frame = next(read_frames(_opened(path), size=size))
    return _brightness(frame.image, frame.alpha)


def _brightness(image: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    grey = image.mean(-1)
    return _clean(grey if alpha is None else grey * alpha)


def _clean(mask: np.ndarray) -> np.ndarray:
    clean: np.ndarray = ((mask - _NOISE) / (1 - 2 * _NOISE)).clip(0, 1).astype(np.float32)
    return clean


def _write(path: Path, mask: np.ndarray) -> None:
    with publishing(path) as file:
        file.write(encode_frame(np.repeat(mask[..., None], 3, 2), 8))


def _first(found: Source, source: Source, frames: range) -> int:
    """Where in a mask's film the first of the frames is: it is as long as the clip, or as what is painted of it."""
    count = len(found.pts)
    if count == len(source.pts):
        return frames.start
    if count == len(frames):
        return 0
    raise InputError(
        f"the mask '{found.path}' has {count} frames and the clip {len(source.pts)}: it needs one for each."
    )


def _index(number: int, source: Source, frames: range) -> int:
    known = source.numbers or range(1, len(source.pts) + 1)
    if number not in known or known.index(number) not in frames:
        first, last = source.number(frames.start), source.number(frames.stop - 1)
        raise UsageError(f"a mask is drawn on frame {number}, and the frames to be painted are {first} to {last}.")
    return known.index(number)


def _path(folder: Path, index: int) -> Path:
    return folder / f"{index + 1:06d}.png"
