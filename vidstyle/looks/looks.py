"""Paints frames in several looks, and keeps a sheet and a page of them up to date meanwhile."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from vidstyle.errors import UsageError
from vidstyle.jobs.inputs import files_besides
from vidstyle.jobs.plan import resolved
from vidstyle.jobs.progress import Progress
from vidstyle.looks.board import Board, Cell, Look, Subject
from vidstyle.looks.page.report import write_report
from vidstyle.looks.sheet import draw_sheet
from vidstyle.media.images.stills import IMAGE_WRITABLE, read_image, write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames, resize
from vidstyle.media.source import Source, scaled_size
from vidstyle.motion.bars import find_picture
from vidstyle.motion.shots.light import luma, shot_light
from vidstyle.page.page import check_page, check_page_name
from vidstyle.settings import Moment

SIZE = 320
"""The long side of a frame, in pixels, where nobody asks for another."""
MOST = 400
"""Looks at the most: nobody compares more."""
_PATIENCE = 1.0
# Seconds between two sheets, and how many times as long as drawing it takes: those who wait watch the sheet.
_RARELY = 20


def paint_looks(
    clip: Path,
    looks: Sequence[Look],
    at: Sequence[str],
    sheet: Path,
    *,
    report: Path | None = None,
    columns: int | None = None,
    overwrite: bool = False,
) -> Generator[Progress, None, None]:
    """Paint frames of a clip, or a picture, in several looks, coarse at first and then fine.

    Parameters
    ----------
    clip
        A video, numbered pictures, or a picture.
    looks
        All of one ``size``, which is that of the frames, `SIZE` without one.
    at
        Moments of the frames, such as "1.5s" or "36"; without any, the middle of the clip.
    sheet, report
        Pictures of all looks beside each other, and a page to compare them in. Both are there from the first look on.
    columns
        Looks in a row of the sheet.
    overwrite
        Whether these may be replaced.

    Yields
    ------
    Progress
        ``plan``, ``evaluation``, ``look`` with a sentence for each that is done, at last ``done`` with the sheet.

    Raises
    ------
    UsageError, InputError, OutputError, StorageError
        Something can't be used or written: see :mod:`vidstyle.errors`.
    """
    if not 0 < len(looks) <= MOST:
        raise UsageError(f"{len(looks)} looks are none or too many to compare: take 1 to {MOST}.")
    if sheet.suffix.lower() not in IMAGE_WRITABLE:
        raise UsageError(f"'{sheet}' ends in no picture format known here: take {', '.join(IMAGE_WRITABLE)}.")
    if report is not None:
        check_page_name(report, "--report")
    settings = looks[0].settings
    styles = [style for look in looks for style in look.styles]
    read = (clip, *files_besides(styles, settings))
    for path in filter(None, (sheet, report)):
        check_page(path, read, overwrite=overwrite)
    source = probe(clip, settings.media)
    subjects = subjects_at(source, at, looks)
    ready = [replace(look, settings=resolved(look.settings, source)) for look in looks]
    board = Board(
        title=f"{clip.name} in {len(looks)} looks" if len(looks) > 1 else f"{clip.name} in one look",
        names=tuple(_name(source, subject.index) for subject in subjects),
        frames=tuple(subject.image for subject in subjects),
        styles=tuple(
            (path, read_image(path, max_megapixels=settings.media.max_megapixels))
            for path in dict.fromkeys(style.path for style in styles)
        ),
        cells=tuple(Cell(look, [None] * len(subjects)) for look in ready),
        columns=columns or min(len(looks), 4),
    )
    height, width = subjects[0].image.shape[:2]
    yield Progress("plan", f"{board.title}, at {width}×{height}: {sheet}", frames_total=len(looks))
    yield from _painted(source, board, subjects, sheet, report)


def _painted(
    source: Source, board: Board, subjects: Sequence[Subject], sheet: Path, report: Path | None
) -> Generator[Progress, None, None]:
    from vidstyle.looks.paint import paint  # brings torch, which takes seconds

    begin = time.monotonic()
    last, cost, done, first = 0.0, 0.0, 0, True

    def show() -> None:
        nonlocal last, cost
        begun = time.monotonic()
        write_image(sheet, draw_sheet(board))
        if report is not None:
            write_report(report, board)
        last = time.monotonic()
        cost = last - begun

    total = len(board.cells)
    try:
        for step in paint(source, [cell.look for cell in board.cells], subjects):
            seconds = time.monotonic() - begin
            if step.image is None:
                yield Progress(
                    "evaluation",
                    frame=source.number(subjects[step.frame].index),
                    frames_done=done,
                    frames_total=total,
                    evaluations=step.evaluations,
                    expected=step.expected,
                    losses=step.losses,
                    seconds=seconds,
                    seconds_left=seconds * (1 / step.share - 1) if step.share > 0 else None,
                )
                continue
            cell = board.cells[step.look]
            cell.images[step.frame] = step.image
            cell.done += step.done
            news = step.done and cell.done == len(subjects)
            done += news
            if first or time.monotonic() - last >= max(_PATIENCE, _RARELY * cost):
                show()
            if first:
                first = False
                yield Progress("look", f"the first look is in {sheet}; all are being refined", frames_total=total)
            if news:
                words = ", ".join(cell.look.words)
                yield Progress("look", f"[{done}/{total}] {words}", frames_done=done, frames_total=total)
    except GeneratorExit:
        if not first:  # what is half done is there for those who stop it
            show()
        raise
    show()
    yield Progress(
        "done",
        frames_done=total,
        frames_total=total,
        seconds=time.monotonic() - begin,
        output=sheet,
        bytes=sheet.stat().st_size,
    )


def subjects_at(source: Source, at: Sequence[str], looks: Sequence[Look]) -> list[Subject]:
    """The frames at some moments, or the middle one, in the size of the looks, as :func:`paint_looks` paints them.

    Raises
    ------
    UsageError, InputError
        There is no frame at a moment, or it can't be read.
    """
    settings, count = looks[0].settings, len(source.pts)
    indices = [_index(source, text) for text in at] or [count // 2]
    longest = settings.media.size or min(SIZE, max(source.size))
    size = scaled_size(source, longest)
    is_film = source.kind != "still"  # bars and night are of films
    barred = is_film and any(look.settings.media.bars == "keep" for look in looks)
    found = []
    for index in dict.fromkeys(indices):
        image, to_paint, whole = _read(source, index, size, barred)
        picture = None if whole is None else find_picture([whole.max(-1)])
        light = shot_light([luma(to_paint)]) if is_film else None
        if light is not None:
            to_paint = light.taken_off(0).off(to_paint)
        found.append(Subject(index, image, to_paint, picture, light))
    return found


def _read(
    source: Source, index: int, size: tuple[int, int], whole: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """A frame in the size of the looks, as it is and as it is painted, and in its own size, if that `whole` one counts.

    It is decoded once, unless it has opacity or another light than a screen's: both are reckoned with as it is reduced.
    """
    frame = next(read_frames(source, index, index + 1, to_paint=True))
    if frame.alpha is None and source.display.is_plain:
        image = to_paint = resize(frame.image, size)
    else:
        image, to_paint = (
            next(read_frames(source, index, index + 1, size, to_paint=filled)).image for filled in (False, True)
        )
    return image, to_paint, frame.image if whole else None


def _index(source: Source, text: str) -> int:
    """The frame that is shown at a moment.

    Raises
    ------
    UsageError
        It is none, or lies outside the clip.
    """
    try:
        moment = Moment.parse(text)
        frames = source.range_of(moment, None)
        past = moment.in_seconds and moment.value > source.seconds[-1] + 1 / source.frame_rate
        if not frames or past or (moment.kind == "frame" and moment.value == 0 and not source.numbers):
            raise UsageError(f"'{source.path}' has no frame there.")
    except UsageError as error:
        raise UsageError(f"--at {text}: {error}") from error
    return frames.start


def _name(source: Source, index: int) -> str:
    if source.kind == "still":
        return source.path.name
    return f"frame {source.number(index)}, {float(source.seconds[index]):.2f} s"
