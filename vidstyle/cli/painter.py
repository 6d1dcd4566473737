"""Paints what one command line names: a clip or a picture, or several, of which one that can't be stops no other."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vidstyle.cli.config import Choices
from vidstyle.cli.flags import CLIP_ONLY, flag_name
from vidstyle.cli.follow import follow
from vidstyle.cli.names import is_folder_name, kept_apart, output_path
from vidstyle.cli.night import Night
from vidstyle.cli.show.failures import complain, explain
from vidstyle.cli.show.progress import Show, show_progress
from vidstyle.cli.show.reporter import Reporter
from vidstyle.cli.show.summary import finished, summary
from vidstyle.cli.show.words import duration
from vidstyle.errors import InputError, UsageError, VidstyleError
from vidstyle.paths import exists

if TYPE_CHECKING:
    from vidstyle.cli.page.live import LivePage
    from vidstyle.jobs.progress import Progress
    from vidstyle.jobs.time_estimate import Typical
    from vidstyle.media.source import Source


@dataclass(frozen=True)
class ClipToPaint:
    """What is to be painted, and where it goes; a still is a single picture."""

    clip: Path
    target: Path
    still: bool


Showing = Callable[[ClipToPaint, Show], AbstractContextManager[Show]]
"""Shows one painting besides, on a page."""


_Run = Generator["Progress", None, None]


@dataclass(frozen=True)
class Painter:
    """Paints as a command line asks.

    Attributes
    ----------
    choices, given
        What was chosen, and the keys of those settings that the command line itself names.
    reporter, verbose
        Where people are told, and whether they are told of all settings.
    configs
        Files that are read besides, and so are never written.
    work_dir, keep, keep_retouched, restart, overwrite
        As of :func:`vidstyle.render.video.stylize_video`.
    dry_run
        Whether nothing is written.
    page
        The page that shows what is being painted, if one is asked for.
    """

    choices: Choices
    given: Collection[str]
    reporter: Reporter
    verbose: bool
    configs: Sequence[Path]
    work_dir: Path | None
    keep: bool
    keep_retouched: bool
    restart: bool
    overwrite: bool
    dry_run: bool
    page: Path | None = None

    def paint(self, clip: Path, show: Show) -> None:
        """Paint one, and say what came of it."""
        still = _is_still(clip)
        output = self.choices.output
        with _folders([Path(output)] if output and is_folder_name(output) else [], keep=not self.dry_run):
            painting = ClipToPaint(clip, output_path(output, clip, self.choices.styles, still=still), still)
            with self._shown([painting], {}) as showing:  # one has room below what is told of it
                self._run(painting, show, showing)
        if self.dry_run:
            self.reporter.say("Nothing was written.", "bold")

    def paint_all(self, clips: Sequence[Path]) -> None:
        """Paint several, one after the other; those whose output is there are left as they are."""
        _require_no_frames(clips)
        begin, count, ahead = time.monotonic(), Counter[str](), 0.0
        failures: list[VidstyleError] = []
        paintings = self._places(clips)
        labels = [str(name) for name in kept_apart([clip.name for clip in clips], clips)]
        places = [painting.target.parent for painting in paintings]
        sources = {} if self.dry_run else self._sources(paintings)
        with _folders(places, keep=not self.dry_run), self._shown(paintings, sources) as showing:
            night = None if self.dry_run else self._night(paintings, sources)
            for place, (painting, label) in enumerate(zip(paintings, labels, strict=True)):
                reporter = dataclasses.replace(self.reporter, label=label)
                if self._is_done(painting):
                    reporter.say(f"done before: {painting.target} (-y paints it anew)", "green")
                    count["done before"] += 1
                    continue
                one = dataclasses.replace(self, reporter=reporter, work_dir=self._work_dir(painting))
                try:
                    with show_progress(reporter) as show:
                        last = one._run(painting, show, showing, partial(night.over, place) if night else None)
                    ahead += (last and last.seconds_left) or 0.0
                    count["planned" if self.dry_run else "painted"] += 1
                except VidstyleError as error:
                    (sentence, *below), _ = explain(error)
                    complain(f"{label}: {sentence}", *below)
                    failures.append(error)
                    count["failed"] += 1
        words = ", ".join(f"{number} {what}" for what, number in count.items())
        if self.dry_run:
            self.reporter.say(f"{words}: all together they will take about {duration(ahead)}.", "bold")
            self.reporter.say("Nothing was written.", "bold")
        else:
            self.reporter.say(f"{words}, in {duration(time.monotonic() - begin)}", "bold")
        if failures:
            raise typer.Exit(failures[0].exit_code)

    @contextlib.contextmanager
    def _shown(self, paintings: Sequence[ClipToPaint], sources: Mapping[int, Source]) -> Iterator[Showing]:
        """Show them on the page, if there is one: gives what shows one of them while it is painted.

        Those whose `sources` are known have their room on it from the beginning.
        """
        page = self._live_page(paintings)
        if page is None or self.dry_run:
            yield lambda painting, show: contextlib.nullcontext(show)
            return
        from vidstyle.cli.page.painting import Painted, PaintingPage
        from vidstyle.jobs.plan import job_folder
        from vidstyle.media.source import scaled_size

        largest = self.choices.settings.media.size
        sizes = {place: scaled_size(source, largest) for place, source in sources.items()}
        shown = {
            painting: Painted(
                painting.clip.name,
                painting.target,
                None if painting.still else job_folder(painting.target, self._work_dir_of(painting, paintings)),
                "done" if len(paintings) > 1 and self._is_done(painting) else "waiting",
                size=sizes.get(place),
            )
            for place, painting in enumerate(paintings)
        }
        whole = PaintingPage(page, list(shown.values()))
        try:
            yield lambda painting, show: whole.showing(shown[painting], show)
        finally:
            whole.close()

    def _live_page(self, paintings: Sequence[ClipToPaint]) -> LivePage | None:
        """The page that shows them, if there is to be one; it can be written."""
        if self.page is None:
            return None
        from vidstyle.cli.page.live import LivePage
        from vidstyle.jobs.inputs import files_besides

        read = [*(painting.clip for painting in paintings), *(painting.target for painting in paintings)]
        read += [*files_besides(self.choices.styles, self.choices.settings), *self.configs]
        title = paintings[0].clip.name if len(paintings) == 1 else f"{len(paintings)} clips"
        return LivePage(self.page, title, read, overwrite=self.overwrite)

    def _work_dir_of(self, painting: ClipToPaint, paintings: Sequence[ClipToPaint]) -> Path | None:
        return self.work_dir if len(paintings) == 1 else self._work_dir(painting)

    def _sources(self, paintings: Sequence[ClipToPaint]) -> dict[int, Source]:
        """What is in those that are to be painted, by their places, as far as it can be read."""
        return {
            place: source
            for place, painting in enumerate(paintings)
            if not self._is_done(painting) and (source := self._source(painting)) is not None
        }

    def _night(self, paintings: Sequence[ClipToPaint], sources: Mapping[int, Source]) -> Night:
        """How long all of them take, beside each other: from what their files say, and from a look at them."""
        settings = self.choices.settings

        def look(place: int) -> float | None:
            from vidstyle.render.forecast import seconds_of_clip  # brings torch, which takes seconds

            with contextlib.suppress(VidstyleError):  # it is told once it is its turn
                return seconds_of_clip(sources[place], settings)
            return None

        expected = [self._typical(sources[place]) if place in sources else None for place in range(len(paintings))]
        return Night(expected, look)

    def _source(self, painting: ClipToPaint) -> Source | None:
        from vidstyle.media.probe.probe import probe

        with contextlib.suppress(VidstyleError):  # it is told once it is its turn
            return probe(painting.clip, self.choices.settings.media)
        return None

    def _typical(self, source: Source) -> Typical | None:
        from vidstyle.jobs.shots import selected_frames
        from vidstyle.jobs.time_estimate import typical
        from vidstyle.media.source import scaled_size

        settings = self.choices.settings
        with contextlib.suppress(VidstyleError):
            frames = 1 if source.kind == "still" else len(selected_frames(source, settings.media))
            return typical(settings, scaled_size(source, settings.media.size), frames)
        return None

    def _run(
        self, painting: ClipToPaint, show: Show, showing: Showing, within: Callable[[_Run], _Run] | None = None
    ) -> Progress | None:
        from vidstyle.jobs.plan import job_folder
        from vidstyle.media.output.destination import check_not_input
        from vidstyle.render.still import stylize_image
        from vidstyle.render.video import stylize_video

        reporter, choices, target, still = self.reporter, self.choices, painting.target, painting.still
        begin = time.monotonic()
        check_not_input([target], self.configs)
        for line in summary(painting.clip, choices, target, verbose=self.verbose):
            reporter.say(line)
        if still and (unused := [flag_name(key) for key in self.given if key in CLIP_ONLY]):
            reporter.say(f"{', '.join(unused)}: no part of painting a single picture.", "yellow")
        asked = (painting.clip, choices.styles, target, choices.settings)
        if self.dry_run:
            from vidstyle.cli.dry_run import run_dry

            run = run_dry(*asked, still=still, work_dir=self.work_dir, overwrite=self.overwrite)
        elif still:
            run = stylize_image(*asked, overwrite=self.overwrite)
        else:
            run = stylize_video(
                *asked,
                work_dir=self.work_dir,
                keep=self.keep,
                keep_retouched=self.keep_retouched,
                restart=self.restart,
                overwrite=self.overwrite,
            )
        work = None if still or self.dry_run else job_folder(target, self.work_dir)
        with showing(painting, show) as showed:
            last: Progress | None = follow(within(run) if within else run, showed, reporter, work=work)
        if last is not None and last.output is not None:
            reporter.say(finished(last, time.monotonic() - begin), "bold green")
        return last

    def _places(self, clips: Sequence[Path]) -> list[ClipToPaint]:
        """Where each goes: equal names of several folders keep their folders."""
        output = self.choices.output
        if output and not is_folder_name(output):
            if Path(output).suffix:
                raise UsageError(f"-o {output} is one file for {len(clips)} clips: name a folder, such as -o painted/.")
            output = f"{output}/"
        stills = [_is_still(clip) for clip in clips]
        targets = [
            output_path(output, clip, self.choices.styles, still=still)
            for clip, still in zip(clips, stills, strict=True)
        ]
        names = kept_apart([target.name for target in targets], clips)
        return [
            ClipToPaint(clip, target.with_name("x").parent / name, still)
            for clip, target, name, still in zip(clips, targets, names, stills, strict=True)
        ]

    def _work_dir(self, painting: ClipToPaint) -> Path | None:
        return self.work_dir and self.work_dir / f"{painting.target.name}.vidstyle"

    def _is_done(self, painting: ClipToPaint) -> bool:
        """Whether the output is there and nothing is left to be done for it."""
        from vidstyle.jobs.plan import job_folder

        left = exists(job_folder(painting.target, self._work_dir(painting)))
        return exists(painting.target) and not (left or self.overwrite or self.restart)


def _is_still(clip: Path) -> bool:
    """Whether it is a single picture; what can't be opened is told when it is to be painted."""
    from vidstyle.media.probe.probe import kind_of  # brings PyAV, which takes a moment

    with contextlib.suppress(InputError):
        return kind_of(clip) == "still"
    return False


def _require_no_frames(clips: Sequence[Path]) -> None:
    """Make sure that the pictures are not the frames of a clip, as a shell lists them for a name that is not quoted.

    Raises
    ------
    UsageError
        They are. Photographs are numbered too, in other formats.
    """
    from vidstyle.media.images import sequence
    from vidstyle.media.images.pictures import IMAGE_SUFFIXES

    frames = set(IMAGE_SUFFIXES) - {".jpg", ".jpeg", ".webp", ".avif"}
    numbers = sequence.numbers_of(clips) if all(clip.suffix.lower() in frames for clip in clips) else ()
    if numbers and not sequence.missing_ranges(numbers):
        name = f"{clips[0].stem.rstrip('0123456789')}*{clips[0].suffix}"
        raise UsageError(
            f"'{clips[0]}' to '{clips[-1].name}' are the frames of a clip: a name that stands for all of them goes in "
            f"quotes, '{clips[0].with_name(name)}'. As pictures of their own they are painted one at a time."
        )


@contextlib.contextmanager
def _folders(wanted: Iterable[Path], keep: bool) -> Iterator[None]:
    """Make folders that are not there, for the time of the block unless they are to be kept."""
    missing = {place: None for folder in wanted for place in (*reversed(folder.parents), folder) if not exists(place)}
    for place in missing:
        try:
            place.mkdir()
        except OSError as error:
            raise UsageError(f"the folder '{place}' can't be made: {error.strerror}.") from error
    try:
        yield
    finally:
        for place in reversed(missing) if not keep else ():
            with contextlib.suppress(OSError):
                place.rmdir()
