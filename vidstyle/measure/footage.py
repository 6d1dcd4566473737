"""The clip and its outputs, read side by side, frame by frame."""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vidstyle.errors import UsageError
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.shots import selected_frames
from vidstyle.measure.provenance import job_of
from vidstyle.media.part import part_of
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source
from vidstyle.motion.flow import Array
from vidstyle.settings import MediaSettings

STRETCH = 0.02
"""Relative difference of two aspect ratios from which on there is a warning."""


@dataclass(frozen=True)
class Output:
    """Something made of the clip, and the job that made it, where its folder is still there.

    `first` is the index, from 0, of the clip's frame that it begins with.
    """

    source: Source
    first: int
    job: Job | None


@dataclass(frozen=True)
class Footage:
    """A clip and one or two outputs, brought together.

    Attributes
    ----------
    clip, outputs
        The files.
    frames
        The clip's frames, by index from 0, that all of them have and that were asked for.
    size
        Width and height that all are brought to: the first output's.
    warnings
        What does not fit, a sentence each.
    """

    clip: Source
    outputs: tuple[Output, ...]
    frames: range
    size: tuple[int, int]
    warnings: tuple[str, ...]

    @property
    def labels(self) -> list[str]:
        """Names of the clip and the outputs that tell them apart: with their folders if need be."""
        paths = [path.resolve() for path in (self.clip.path, *(output.source.path for output in self.outputs))]
        for parts in range(1, max(len(path.parts) for path in paths)):
            names = ["/".join(path.parts[-parts:]) for path in paths]
            if len(set(names)) == len(set(paths)):
                return names
        return list(map(str, paths))

    def read(self) -> Iterator[tuple[int, Array, tuple[Array, ...]]]:
        """Each frame's number, the clip's image and the outputs', (H, W, 3) in 0..1."""
        start, stop = self.frames.start, self.frames.stop
        outputs = [
            read_frames(output.source, start - output.first, stop - output.first, self.size) for output in self.outputs
        ]
        clip = read_frames(self.clip, start, stop, self.size)
        for frame, *painted in zip(clip, *outputs, strict=True):
            yield self.clip.number(frame.index), frame.image, tuple(other.image for other in painted)


def match(
    outputs: Sequence[Path], clip: Path, *, first: int | None, media: MediaSettings, work_dir: Path | None
) -> Footage:
    """Find out which frames of the clip the outputs show.

    Parameters
    ----------
    outputs, clip
        Videos, folders or patterns of numbered pictures, or pictures.
    first
        The number of the clip's frame that the outputs begin with; None: what they or their job folders say, else the
        first.
    media
        The range of the clip's frames to look at, and the largest frames that are decoded.
    work_dir
        The first output's job folder, where it is not beside it.

    Raises
    ------
    InputError
        A file that can't be read.
    UsageError
        No frame is left.
    """
    # A clip that was painted damaged is measured so. Neither file need have the colours that the other was asked for.
    asked = MediaSettings(on_damage="paint", max_megapixels=media.max_megapixels)
    source = probe(clip, dataclasses.replace(asked, deinterlace=media.deinterlace))
    found = [
        _output(probe(path, asked), source, first, job_of(path, None if number else work_dir))
        for number, path in enumerate(outputs)
    ]
    warnings = [sentence for output in found for sentence in _warnings(output, source, first)]
    damaged = [looked_at.path for looked_at in (source, *(output.source for output in found)) if looked_at.damaged]
    warnings += [f"'{path}' is damaged or cut short: what is there is measured." for path in damaged]
    start = max(output.first for output in found)
    stop = min(len(source.pts), *(output.first + len(output.source.pts) for output in found))
    if stop <= start:
        raise UsageError(f"the outputs have no frame in common with '{clip}': check --first, and the files.")
    size = found[0].source.width, found[0].source.height
    for other in found[1:]:
        if other.source.size != size:
            warnings.append(
                f"'{other.source.path}' is {other.source.width}×{other.source.height} pixels: it is compared at "
                f"{size[0]}×{size[1]}, which changes its sharpness and warp error a little."
            )
    wanted = selected_frames(source, media)
    start, stop = max(start, wanted.start), min(stop, wanted.stop)
    if stop <= start:
        words = f"--frames {media.frames}" if media.frames else f"--from {media.start or 0} --limit {media.limit}"
        raise UsageError(f"{words}: '{outputs[0]}' shows none of these frames of '{clip}'.")
    return Footage(source, tuple(found), range(start, stop), size, tuple(warnings))


def _output(source: Source, clip: Source, first: int | None, job: Job | None) -> Output:
    numbers = clip.numbers or range(1, len(clip.pts) + 1)
    if first is not None and first not in numbers:
        raise UsageError(f"--first {first}: '{clip.path}' has frames {numbers[0]} to {numbers[-1]}.")
    begins = 0 if first is None else numbers.index(first)
    if first is None and job is not None and len(job.frames) == len(source.pts):
        begins = job.frames.start
    elif first is None:
        begins = _said_by(source, clip)
    return Output(source, begins, job)


def _said_by(output: Source, clip: Source) -> int:
    """The index of the clip's frame that an output says it begins with, in its comment or in its pictures' names."""
    ends = (output.numbers[0], output.numbers[-1]) if output.numbers else part_of(dict(output.metadata))
    known = clip.numbers or range(1, len(clip.pts) + 1)
    if ends is None or not all(number in known for number in ends):
        return 0
    first, last = map(known.index, ends)
    return first if last - first + 1 == len(output.pts) else 0


def _warnings(output: Output, clip: Source, first: int | None) -> Iterator[str]:
    count, whole, begins = len(output.source.pts), len(clip.pts), output.first
    path = output.source.path
    if begins + count > whole:
        yield (
            f"'{path}' has {count} frames and '{clip.path}' {whole - begins} from frame {clip.number(begins)} on: "
            f"the last {begins + count - whole} are left out."
        )
    elif count < whole and first is None and not begins:
        yield (
            f"'{path}' has {count} frames and '{clip.path}' {whole}: it is taken for frames "
            f"{clip.number(0)}-{clip.number(count - 1)}. If it begins with another one, name that with --first."
        )
    aspect = math.log(output.source.width / output.source.height) - math.log(clip.width / clip.height)
    if abs(aspect) > STRETCH:
        yield (
            f"'{path}' is {output.source.width}×{output.source.height} pixels and '{clip.path}' "
            f"{clip.width}×{clip.height}: the clip is stretched to fit."
        )
