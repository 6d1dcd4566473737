"""Measure one or two stylised clips against the clip they were made of, in one pass."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path

from vidstyle.errors import UsageError
from vidstyle.jobs.folder.job import NAME
from vidstyle.jobs.inputs import files_besides, require_apart
from vidstyle.jobs.progress import Progress
from vidstyle.measure.footage import Footage, match
from vidstyle.measure.metrics.content_distance import ContentDistance
from vidstyle.measure.metrics.features import judge_device
from vidstyle.measure.metrics.regions import Regions
from vidstyle.measure.metrics.style_distance import Style
from vidstyle.measure.observe import Judges, Moment, observe_shot
from vidstyle.measure.page.album import Album
from vidstyle.measure.page.report import write_report
from vidstyle.measure.results import FrameMeasures, Measurement, Study, Summary
from vidstyle.measure.stills import beside_stills, shapes_of_stills
from vidstyle.measure.summary import summarise_shot, summarise_whole
from vidstyle.media.images.stills import read_style
from vidstyle.media.reader import read_frames
from vidstyle.media.source import scaled_size
from vidstyle.motion.methods import flow_method
from vidstyle.motion.shots.cuts import CUTS_SIDE, find_cuts
from vidstyle.page.page import check_page, check_page_name
from vidstyle.settings import Settings, StyleImage, mean_of

EVERY = 5
"""Style and content change slowly: they are looked at in every such frame."""


# As many parameters as there are choices that are no settings: this is what the command line calls.
def measure(  # noqa: PLR0913
    output: Path,
    clip: Path,
    styles: Sequence[StyleImage] = (),
    settings: Settings | None = None,
    *,
    compare: Path | None = None,
    first: int | None = None,
    every: int = EVERY,
    stills: int = 0,
    work_dir: Path | None = None,
    report: Path | None = None,
    overwrite: bool = False,
) -> Generator[Progress, None, Study]:
    """Measure what was made of a clip.

    Memory does not grow with the clip's length, but for some numbers a frame.

    Parameters
    ----------
    output, clip
        What was made, and of what: videos, or numbered pictures. They may differ in size and in length.
    styles
        The style pictures; without any, those of the output's job folder; without that, style is not measured.
    settings
        Those that count here: `flow`, `cuts`, `frames`, `style_scale`, `device` and `threads`.
    compare
        A second output, measured beside the first.
    first
        The clip's frame, from 1, that the outputs begin with; None: what their job folders say, else the first.
    every
        Style and content are measured in every such frame.
    stills
        So many of the frames are painted as stills, and the outputs' shapes held against theirs.
    work_dir
        The output's job folder, where it is not beside it.
    report, overwrite
        A page, in HTML, to be written, and whether it may replace one that is there.

    Yields
    ------
    ``warning`` for what does not fit, ``plan`` where cuts are looked for, ``frame`` for each frame, ``done``.

    Raises
    ------
    InputError, UsageError, DependencyError
        A file that can't be used, settings that make no sense, a device that isn't there.
    OutputError, StorageError
        The report can't be written.
    """
    settings = settings or Settings()
    if every < 1:
        raise UsageError(f"--every {every}: it must be 1 or more.")
    if stills < 0:
        raise UsageError(f"--stills {stills}: it must be 0 or more.")
    paths = [output] if compare is None else [output, compare]
    footage = match(paths, clip, first=first, media=settings.media, work_dir=work_dir)
    for sentence in footage.warnings:
        yield Progress("warning", sentence)
    job = footage.outputs[0].job
    look = settings
    if not styles and job is not None:
        styles, settings = job.styles, settings.replace(style_scale=job.settings.objective.style_scale)
        if not styles and footage.outputs[0].source.display.is_plain:  # else what is given is no picture for people
            styles = tuple(StyleImage(job.given_path(key.index)) for key in job.given if key.is_style)
        look = replace(job.settings, run=settings.run)
    if report is not None:
        _check_report(report, footage, styles, settings, overwrite)
    largest = settings.media.max_megapixels
    seen = footage.outputs[0].source.display.from_srgb
    size, scale = footage.outputs[0].source.size, settings.objective.style_scale
    pictures = [(seen(read_style(style.path, size, scale, largest)), mean_of(style.weight)) for style in styles]
    if job is None and settings.motion.cuts == "auto" and len(footage.frames) > 1:
        yield Progress("plan", f"Looking for cuts in {len(footage.frames)} frames")
    shots = find_shots(footage, settings)

    device = judge_device(settings.run.device, settings.run.threads)
    judges = Judges(
        flow=flow_method(settings.motion.flow, str(device.device), settings.run.threads),
        content=ContentDistance(device),
        style=Style(pictures, footage.size[::-1], settings.objective.style_scale, device) if pictures else None,
        every=every,
    )
    painted = (yield from shapes_of_stills(footage, pictures, look, stills)) if stills else {}
    album = None if report is None else Album(footage.frames, footage.size, len(paths))
    found = [_OutputMeasures(str(path)) for path in paths]
    for moment in _observe(footage, shots, judges, found):
        if isinstance(moment, Progress):
            yield moment
        elif album is not None:
            album.add(moment)
    measured = (beside_stills(each.measurement(judges.style), painted) for each in found)
    study = Study(footage, shots, tuple(styles), settings, every, tuple(measured))
    if report is not None and album is not None:
        write_report(report, study, album)
    yield Progress("done", frames_done=len(footage.frames), frames_total=len(footage.frames), output=report)
    return study


def _check_report(
    report: Path, footage: Footage, styles: Sequence[StyleImage], settings: Settings, overwrite: bool
) -> None:
    """Make sure that the report can be written, over nothing that it is made of."""
    sources = [footage.clip, *(output.source for output in footage.outputs)]
    jobs = [output.job for output in footage.outputs if output.job is not None]
    inputs = [path for source in sources for path in (source.path, *source.files)]
    read = [*inputs, *files_besides(styles, settings), *(job.folder / NAME for job in jobs)]
    check_page(report, read, overwrite=overwrite)
    check_page_name(report, "--report")
    for job in jobs:
        require_apart(report, job)


def find_shots(footage: Footage, settings: Settings) -> tuple[range, ...]:
    """The shots among the footage's frames: those the output's job was made with, else as the cuts setting says."""
    frames, cuts, job = footage.frames, settings.motion.cuts, footage.outputs[0].job
    if job is not None and cuts == "auto":
        # A piece of a long shot begins before the one in front of it ends: where they are joined is no cut.
        cuts_of_job = [shot.start for before, shot in pairwise(job.shots) if shot.start >= before.stop]
        starts = [start for start in cuts_of_job if frames.start < start < frames.stop]
    else:
        small = scaled_size(footage.clip, min(CUTS_SIDE, max(footage.clip.width, footage.clip.height)))
        images = (frame.image for frame in read_frames(footage.clip, frames.start, frames.stop, small))
        starts = find_cuts(images, cuts, frames.start, frames.stop, footage.clip.numbers)
    return tuple(range(a, b) for a, b in zip([frames.start, *starts], [*starts, frames.stop], strict=True))


class _OutputMeasures:
    """What has been measured of one output so far."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.frames: list[Sequence[FrameMeasures]] = []
        self.shots: list[Summary] = []
        self.uncovered = Regions()

    def close(self, frames: Sequence[FrameMeasures], regions: Regions, style: Style | None) -> None:
        """Write down a shot."""
        self.frames.append(frames)
        known = (regions.compare(style), style.sharpness) if style else ()
        self.shots.append(summarise_shot(frames, *known))
        self.uncovered.merge(regions)

    def measurement(self, style: Style | None) -> Measurement:
        """All of it."""
        known = (self.uncovered.compare(style), style.sharpness) if style else ()
        whole = summarise_whole(self.frames, self.shots, *known)
        return Measurement(self._name, tuple(chain.from_iterable(self.frames)), tuple(self.shots), whole)


def _observe(
    footage: Footage, shots: Sequence[range], judges: Judges, found: Sequence[_OutputMeasures]
) -> Iterator[Moment | Progress]:
    """Every moment, and after each how far it is; what was measured of each output goes to `found`."""
    begin = time.monotonic()
    images, done, total = footage.read(), 0, len(footage.frames)
    for number, shot in enumerate(shots, 1):
        regions = tuple(Regions(seed=shot.start) for _ in found)
        seen: list[tuple[FrameMeasures, ...]] = []
        started = time.monotonic()
        for moment in observe_shot(images, shot, judges, regions):
            yield moment
            seen.append(moment.measures)
            done += 1
            now = time.monotonic()
            yield Progress(
                "frame",
                shot=number,
                shots=len(shots),
                frame=moment.measures[0].frame,
                frames_done=done,
                frames_total=total,
                seconds=now - started,
                seconds_left=(now - begin) / done * (total - done),
            )
            started = now
        for output, uncovered, frames in zip(found, regions, zip(*seen, strict=True), strict=True):
            output.close(frames, uncovered, judges.style)
