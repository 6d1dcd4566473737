"""The frames of the output: painted as far as masks and ``strength`` say, in the colours that ``colors`` names.

Frames are painted at full strength, in normal light and in the style's colours all the same, and so are the priors of
later ones.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from types import MappingProxyType

import numpy as np

from vidstyle.jobs.folder.job import Job
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source
from vidstyle.render.direction.canvas import in_film_light
from vidstyle.render.direction.clip_colors import with_clip_colors
from vidstyle.render.direction.coverage import MaskReader
from vidstyle.render.redone import painted_frames
from vidstyle.settings import MediaSettings, value_at

_DIMMED = np.float32(0.35)
"""How bright the clip is in a preview where it isn't painted yet."""


def visible_frames(
    job: Job, source: Source, missing: Mapping[int, Container[int]] = MappingProxyType({})
) -> Iterator[np.ndarray] | None:
    """The job's frames as the output shows them, (H, W, 3) float32, 0..1; None where they are the clip's own.

    Of those that are `missing`, by the numbers of their shots, the clip is shown, dimmed.
    """
    if job.unpainted:
        return None
    media, masks = job.settings.media, MaskReader(job)
    plain = media.strength == 1 and media.colors == "style" and masks.covers_all and not any(missing.values())
    painted = painted_frames(job, source, missing)
    if media.light == "film":
        painted = _in_film_light(job, painted)
    return (image for image in painted if image is not None) if plain else _mixed(job, source, painted, masks)


def mix(
    clip: np.ndarray, painted: np.ndarray, media: MediaSettings, index: int = 0, covered: np.ndarray | None = None
) -> np.ndarray:
    """A painted frame over the clip's, as the settings show the frame of that index.

    Parameters
    ----------
    clip, painted
        (H, W, 3), 0..1.
    media, index
        The strength, at a frame, and the colours.
    covered
        (H, W) in 0..1, how far each pixel is painted; None: all of them.
    """
    if media.colors == "clip":
        painted = with_clip_colors(painted, clip)
    opacity = np.float32(value_at(media.strength, index)) * (np.float32(1) if covered is None else covered[..., None])
    mixed: np.ndarray = clip + opacity * (painted - clip)
    return mixed


def _in_film_light(job: Job, frames: Iterator[np.ndarray | None]) -> Iterator[np.ndarray | None]:
    shots = iter(job.shots)
    shot = next(shots)
    for index, painted in zip(job.frames, frames, strict=True):
        while index >= shot.stop:
            shot = next(shots)
        yield None if painted is None else in_film_light(painted, shot, index)


def _mixed(job: Job, source: Source, painted: Iterator[np.ndarray | None], masks: MaskReader) -> Iterator[np.ndarray]:
    clip = read_frames(source, job.frames.start, job.frames.stop, job.size)
    for image, frame in zip(painted, clip, strict=True):
        if image is None:
            yield _DIMMED * frame.image
        else:
            yield mix(frame.image, image, job.settings.media, frame.index, masks.coverage(frame.index))
