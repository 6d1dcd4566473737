"""Frames to paint on: which of a clip's are worth it, and these written out."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vidstyle.errors import OutputError, UsageError
from vidstyle.jobs.shots import inspect_shots, selected_frames
from vidstyle.media.images.pattern import is_pattern, numbered
from vidstyle.media.images.stills import write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source, scaled_size
from vidstyle.motion.methods import flow_method
from vidstyle.motion.shots.key_cover import SIDE, best_keys, looked_through
from vidstyle.paths import exists
from vidstyle.settings import Settings


@dataclass(frozen=True)
class Suggestion:
    """Which frames of a shot to paint, best first.

    Attributes
    ----------
    shot
        Its place in the clip, counted from 1.
    first, last
        The numbers of its frames.
    keys
        Numbers of frames, each with the share of the shot, 0 to 1, that is seen in it or in one before it.
    """

    shot: int
    first: int
    last: int
    keys: tuple[tuple[int, float], ...]


def suggest_keys(clip: Path, settings: Settings, most: int, enough: float) -> Iterator[Suggestion]:
    """Find the few frames of each shot that show the most of it.

    Parameters
    ----------
    clip, settings
        The clip; which part of it, and where it is cut.
    most, enough
        How many frames of a shot at the most, and the share of it, 0 to 1, that is enough.

    Raises
    ------
    VidstyleError
        One of its kinds: see :mod:`vidstyle.errors`.
    """
    source = _probed(clip, settings)
    frames = selected_frames(source, settings.media)
    settings = settings.replace(max_shot_frames=None, loop="off")
    source, shots, _ = inspect_shots(source, frames, settings)
    size, flow = scaled_size(source, min(SIDE, max(source.size))), flow_method("dis")
    for shot in shots:
        chosen = [shot.start + position for position in looked_through(len(shot.frames))]
        read = read_frames(source, shot.start, shot.stop, size, to_paint=True)
        images = [frame.image for frame in read if frame.index in chosen]
        keys = best_keys(images, flow, most, enough)
        first, last = source.number(shot.start), source.number(shot.stop - 1)
        yield Suggestion(shot.number, first, last, tuple((source.number(chosen[at]), share) for at, share in keys))


def hand_out(
    clip: Path, words: Sequence[str], output: Path | None, settings: Settings, *, overwrite: bool = False
) -> Generator[Path, None, None]:
    """Write frames of a clip as pictures to paint on, which come back in the same size and colours.

    Parameters
    ----------
    clip, settings
        The clip; its size as it is to be painted, and what its values mean.
    words
        Frames as people name them: "41", "10-20", "1.5s".
    output
        A picture, or for several frames a folder or a pattern; by default ``frame41.png`` in the current folder.
    overwrite
        Whether a picture that is there may be replaced: somebody may have painted on it.

    Yields
    ------
    The pictures, as they are written.

    Raises
    ------
    VidstyleError
        One of its kinds: see :mod:`vidstyle.errors`.
    """
    source = _probed(clip, settings)
    indices = sorted(
        {
            index
            for word in words
            for index in selected_frames(source, replace(settings.media, frames=word, start=None, limit=None))
        }
    )
    places = {index: _place(output, source.number(index), len(indices)) for index in indices}
    for place in places.values():
        if exists(place) and not overwrite:
            raise OutputError(
                f"'{place}' is there already, and may be painted on: replace it with -y, or name another."
            )
    size = scaled_size(source, settings.media.size)
    for index, place in places.items():
        frame = next(read_frames(source, index, index + 1, size, to_paint=True))
        place.parent.mkdir(parents=True, exist_ok=True)
        write_image(place, source.display.to_srgb(frame.image), source.bit_depth)
        yield place


def _probed(clip: Path, settings: Settings) -> Source:
    source = probe(clip, settings.media)
    if source.kind == "still":
        raise UsageError(f"'{clip}' is a picture, not a clip.")
    return source


def _place(output: Path | None, number: int, count: int) -> Path:
    """Where a frame goes, one of so many."""
    if output is not None and is_pattern(output):
        return numbered(output, number)
    if output is not None and output.suffix and count == 1 and not (exists(output) and output.is_dir()):
        return output
    return (output or Path()) / f"frame{number}.png"
