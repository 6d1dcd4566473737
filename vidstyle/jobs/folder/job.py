"""The job folder: what is to be painted, written once and never changed.

::

    clip.wave.mp4.vidstyle/
      job.json                     what is to be done
      clip.json                    what was found in the clip, so that it need not be looked at again
      job.log                      what happened
      assembled.json               the output is there
      styles/1-wave.jpg            the style pictures, so that the job outlives their files
      masks/1/000012.png           where the first of them is asked for in the 12th frame, or all.png in all
      given/000012.png             the painting of the 12th frame, which is given and not solved
      assembly/                    who assembles the frames, as in a shot's folder
      redo/0001/                   frames that are painted anew: a job of their own, with its job.json
      farm/, *.json                what was handed to a render farm, and its logs
      shots/0001/
        frames/000012.png          a finished frame, 12th of the clip, …
        frames/000012.json         … and how it came about; with it the frame counts as done
        state/000012.npz           what the next frame needs of the earlier ones, in float
        returned/000012.npz        the same of its first frame, where a later shot begins with its paint
        lease.json, attempts/      which process paints it
        done.json                  the shot is complete
        log.txt                    what happened to it

Files are the only truth about what is done.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

from vidstyle import machine
from vidstyle.errors import InputError, VidstyleError
from vidstyle.jobs.folder.files import load_json, read_json, timestamp, write_json
from vidstyle.motion.shots.shot_light import ShotLight
from vidstyle.schema import Count, Frame, Number, PictureNumber, Plain, Side, Ticks
from vidstyle.settings import DELIVERY, Keys, Mask, Settings, StyleImage, from_dict, values_of

SCHEMA = 6
NAME = "job.json"
REDO = "redo"
"""The folder of the ranges that are painted anew, and what their identity names the job by that they belong to."""
MASKS = "masks"
"""The folder of the styles' masks, in which each has one of its number."""
RETURNED = "returned"
"""The folder in a shot's of the state after its first frame, where a later shot begins with its paint."""
GIVEN = "given"
"""The folder of the given keyframes: each is the very file that its frame is to have."""


@dataclass(frozen=True)
class GivenKey:
    """A keyframe whose painting is given: by an artist, or by an earlier run.

    Attributes
    ----------
    index
        Its frame in the clip, counted from 0.
    is_style
        Whether other frames are to be painted in its style.
    """

    index: Frame
    is_style: bool = True


@dataclass(frozen=True)
class Shot:
    """Frames without a cut between them, or a piece of so many that it shares some with the next piece.

    Attributes
    ----------
    number
        Its place in the job, counted from 1.
    start, stop
        Its frames in the clip, counted from 0, `stop` not included.
    pts
        Timestamps of its first and its last frame, in the clip's time base.
    light
        How its light changes; None where it is steady and bright.
    picture
        What is between its bars, see :mod:`vidstyle.motion.bars`; None where it has none.
    backwards
        Whether it is painted from its last frame, whose painting is given, back to its first.
    returns
        The number of an earlier shot whose first frame showed the same, so that this one begins with its paint.
    """

    number: Number
    start: Frame
    stop: Frame
    pts: tuple[Ticks, Ticks]
    light: ShotLight | None = None
    picture: tuple[float, float, float, float] | None = None
    backwards: bool = False
    returns: Number | None = None

    @property
    def frames(self) -> range:
        """The indices of its frames in the clip, from 0."""
        return range(self.start, self.stop)

    @property
    def order(self) -> range:
        """The same in the order in which they are painted."""
        return self.frames[::-1] if self.backwards else self.frames


@dataclass(frozen=True)
class Job:
    """A clip to be painted: all that a process needs to know to do a part of it.

    Attributes
    ----------
    folder
        The job folder.
    source_path, fingerprint
        The source and its content's hash.
    styles
        The job's own copies of the style pictures and of their masks.
    output, overwrite
        The file that comes out, and whether one that is there may be replaced.
    settings
        All settings, as resolved when the job was planned.
    size
        Width and height of the frames, in pixels.
    bit_depth
        Of the frame files: 8, or 16 where the source has more than 8.
    shots
        The shots, in order.
    closing
        How many frames of its beginning are painted once more behind its end, since they follow on that: a loop.
    numbers
        Of each frame, the number of the clip's own picture; empty where it has none, and counts from 1.
    given
        The keyframes whose paintings are given, in order.
    identity
        Everything that decides what the frames look like, by a name that people know it by.
    summary, notes
        What was found in the clip; what is unusual about it, and what will be done about that.
    folder_made
        Whether the folder was made for the job, and goes with it.
    """

    folder: Path
    source_path: Path
    fingerprint: str
    styles: tuple[StyleImage, ...]
    output: Path
    overwrite: bool
    settings: Settings
    size: tuple[int, int]
    bit_depth: int
    shots: tuple[Shot, ...]
    identity: Mapping[str, Any]
    summary: str
    notes: tuple[str, ...]
    folder_made: bool = True
    numbers: tuple[int, ...] = ()
    closing: int = 0
    given: tuple[GivenKey, ...] = ()

    @cached_property
    def digest(self) -> str:
        """A short hash of the identity: files with another one are no part of this job."""
        return digest(self.identity)

    @property
    def unpainted(self) -> bool:
        """Whether the output shows the clip's own frames alone, so that none need be painted."""
        return not any(values_of(self.settings.media.strength))

    @property
    def frames(self) -> range:
        """The indices of all frames in the clip, from 0."""
        return range(self.shots[0].start, self.shots[-1].stop - self.closing)

    @property
    def margin(self) -> int:
        """Columns that are painted once more on each side of a frame; 0 but where it wraps."""
        return self.settings.media.margin(self.size[0])

    @property
    def canvas(self) -> tuple[int, int]:
        """Width and height of the frames as they are painted and kept, in pixels."""
        return self.size[0] + 2 * self.margin, self.size[1]

    @property
    def output_numbers(self) -> Sequence[int]:
        """What numbered pictures of its frames are named by."""
        return self.numbers or range(self.frames.start + 1, self.frames.stop + 1)

    def in_clip(self, index: int) -> int:
        """The index in the clip of a frame that may be behind a loop's end."""
        return index if index < self.frames.stop else index - len(self.frames)

    def number(self, index: int) -> int:
        """What people call a frame: its picture's number, else its place in the clip, counted from 1."""
        index = self.in_clip(index)
        return self.numbers[index - self.frames.start] if self.numbers else index + 1

    def shot_folder(self, shot: Shot) -> Path:
        """The folder of a shot."""
        return self.folder / "shots" / f"{shot.number:04d}"

    def is_returned_to(self, shot: Shot) -> bool:
        """Whether a later shot begins with the paint of this one's first frame."""
        return any(later.returns == shot.number for later in self.shots)

    def given_path(self, index: int) -> Path:
        """The file of a given keyframe, by its frame's index."""
        return self.folder / GIVEN / f"{self.in_clip(index) + 1:06d}.png"

    @property
    def log(self) -> Path:
        """The job's log file."""
        return self.folder / "job.log"


def shot_spans(shots: tuple[Shot, ...], frames: range) -> list[range]:
    """Those of the frames from cut to cut: pieces that share frames are one shot."""
    spans = [shots[0].frames]
    for before, shot in itertools.pairwise(shots):
        if shot.start < before.stop:
            spans[-1] = range(spans[-1].start, shot.stop)
        else:
            spans.append(shot.frames)
    return [range(span.start, min(span.stop, frames.stop)) for span in spans]


def identity(
    fingerprint: str,
    styles: Sequence[tuple[str, float | Keys, str]],
    size: tuple[int, int],
    frames: str,
    cuts: str,
    settings: Settings,
    painted: Sequence[str] = (),
) -> dict[str, Any]:
    """Everything that decides what the frames look like, by names that people know.

    Where they are painted (`[run]`) and how they are written (`DELIVERY`) is left out: it may change between two
    runs. The clip and each style picture are named by the hashes of their content, and with a style's weight goes what
    names its mask, if it has one; `frames` are the first and the last, as people number them; `cuts` is "auto", "none",
    or the new shots' first frames, from 1; `painted` names the frames whose paintings are given, and these.
    """
    tables = settings.to_dict()
    flat = {key: value for group in ("network", "objective", "solve", "motion") for key, value in tables[group].items()}
    media = {key: tables["media"][key] for key in ("colorspace", "ocio", "bars", "wrap", "deinterlace")}
    constant = [weight for _, weight, _ in styles if not isinstance(weight, Keys)]
    total = sum(constant) if len(constant) == len(styles) else 1.0
    return (
        flat
        | media
        | {
            "clip": fingerprint,
            "style": [
                f"{digest[:12]} × {weight if isinstance(weight, Keys) else f'{weight / total:.4g}'}"
                + (f" @ {mask}" if mask else "")
                for digest, weight, mask in styles
            ],
            "size": f"{size[0]}×{size[1]}",
            "frames": frames,
            "cuts": cuts,
        }
        | ({"painted": list(painted)} if painted else {})
    )


def delivery(settings: Settings) -> dict[str, Any]:
    """Those of the settings that an output is written by, as plain values."""
    media = settings.to_dict()["media"]
    return {key: media.get(key) for key in DELIVERY}


def digest(identity: Mapping[str, Any]) -> str:
    """A short hash of an identity."""
    text = json.dumps(dict(identity), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()[:16]


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """One line for each part of two identities that differs, the old value first."""
    return [
        f"{key}: {_words(old.get(key))} → {_words(new.get(key))}"
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]


def portable(job: Job) -> Job:
    """The job as it is written down: without a program, which each machine's own user names."""
    return dataclasses.replace(job, settings=job.settings.replace(ffmpeg=""))


@dataclass(frozen=True)
class _Clip:
    path: str
    fingerprint: str


@dataclass(frozen=True)
class _Style:
    path: str
    weight: Annotated[float, Meta(gt=0, le=1e9)] | str
    masked: bool = False


@dataclass(frozen=True)
class _Output:
    path: str
    overwrite: bool


@dataclass(frozen=True)
class _Written:
    """What ``job.json`` holds; the paths are relative to the job folder where the two lie together."""

    schema: int
    created: str
    clip: _Clip
    styles: tuple[_Style, ...]
    output: _Output
    size: tuple[Side, Side]
    bit_depth: Literal[8, 16]
    shots: Annotated[tuple[Shot, ...], Meta(min_length=1)]
    settings: dict[str, dict[str, Plain | list[Plain]]]
    identity: dict[str, Plain | list[Plain]]
    summary: str
    notes: tuple[str, ...]
    folder_made: bool = False
    numbers: tuple[PictureNumber, ...] = ()
    closing: Count = 0
    given: tuple[GivenKey, ...] = ()
    planned_by: str = ""


_AS_IN_A_JOB = (
    *("size", "bit_depth", "shots", "identity", "summary", "notes", "folder_made", "numbers", "closing", "given"),
)


@dataclass(frozen=True)
class _Version:
    schema: int


@dataclass(frozen=True)
class _PlannedBy:
    planned_by: str


def save(job: Job, *, replace: bool = True) -> None:
    """Write ``job.json``.

    Raises
    ------
    FileExistsError
        With `replace` off, one is there.
    InputError, OutputError, StorageError
        It can't be written.
    """
    job = portable(job)
    written = _Written(
        schema=SCHEMA,
        created=timestamp(),
        clip=_Clip(_portable(job.source_path, job.folder), job.fingerprint),
        styles=tuple(
            _Style(
                _portable(style.path, job.folder),
                str(style.weight) if isinstance(style.weight, Keys) else style.weight,
                style.mask is not None,
            )
            for style in job.styles
        ),
        output=_Output(_portable(job.output, job.folder), job.overwrite),
        settings=job.settings.to_dict(),
        planned_by=_user_here(job),
        **{key: getattr(job, key) for key in _AS_IN_A_JOB},
    )
    write_json(job.folder / NAME, dataclasses.asdict(written), replace=replace)


def load(folder: Path) -> Job:
    """Read a job folder.

    Raises
    ------
    InputError
        The folder is no job folder, it is damaged, or another version of vidstyle made it.
    """
    folder = folder.resolve()
    if not is_job_folder(folder):
        raise InputError(f"{folder}: not a job folder. 'vidstyle plan' makes one.")
    try:
        version = load_json(folder / NAME, _Version).schema
        if version != SCHEMA:
            raise InputError(
                f"'{folder / NAME}' was made by another version of vidstyle (schema {version}, here {SCHEMA}), or not "
                "by vidstyle: finish it with that one."
            )
        written = load_json(folder / NAME, _Written)
        job = Job(
            folder=folder,
            source_path=_located(written.clip.path, folder),
            fingerprint=written.clip.fingerprint,
            styles=tuple(_read(style, number, folder) for number, style in enumerate(written.styles, 1)),
            output=_located(written.output.path, folder),
            overwrite=written.output.overwrite,
            settings=from_dict(written.settings).replace(ffmpeg=""),  # data names no program
            **{key: getattr(written, key) for key in _AS_IN_A_JOB},
        )
        if said := _contradiction(job):
            raise InputError(f"'{folder / NAME}' is damaged, or not vidstyle's: {said}.")
        return job
    except VidstyleError as error:
        where = "" if isinstance(error, InputError) else f"'{folder / NAME}': "  # of the settings, it names only those
        raise InputError(f"{where}{error} Name another folder with --work-dir, or delete this one yourself.") from error


def is_planned_here(job: Job) -> bool:
    """Whether the job was planned on this machine by this user, where it lies, and with this output."""
    written = read_json(job.folder / NAME, _PlannedBy)
    return written is not None and written.planned_by == _user_here(job)


def _user_here(job: Job) -> str:
    """Told by nobody who doesn't know this machine."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    return digest({"machine": machine.identity(), "user": user, "folder": str(job.folder), "output": str(job.output)})


def is_job_folder(folder: Path) -> bool:
    """Whether a folder holds a ``job.json``, be it damaged or another program's.

    Raises
    ------
    InputError
        The folder can't be entered.
    """
    try:
        return (folder / NAME).exists()
    except OSError as error:
        raise InputError(f"'{folder}' can't be entered ({error.strerror}): change its permissions.") from error


def _contradiction(job: Job) -> str:
    """Which parts of a job don't belong together; empty if they do, so that names and commands can be made of them."""
    if job.numbers and (len(job.numbers) != len(job.frames) or sorted(set(job.numbers)) != list(job.numbers)):
        return "its frames are not numbered through"
    if said := next(filter(None, itertools.starmap(_shot_contradiction, enumerate(job.shots, 1))), ""):
        return said
    given = [key.index for key in job.given]
    if given != sorted(set(given)) or not set(given) <= set(job.frames):
        return "its given keyframes are not among its frames"
    if not job.styles and not any(key.is_style for key in job.given):
        return "it has no style"
    if any(shot.backwards and shot.stop - 1 not in given for shot in job.shots):
        return "a shot is painted backwards from no given keyframe"
    # A shot may share frames with the next one, and with no other.
    for first, second in itertools.pairwise(job.shots):
        if not first.start < second.start <= first.stop < second.stop:
            return f"shot {second.number} does not follow on shot {first.number}"
    for first, third in zip(job.shots, job.shots[2:], strict=False):
        if third.start < first.stop:
            return f"shot {third.number} shares frames with shot {first.number}"
    if job.closing and job.closing > min(len(job.frames) // 2, len(job.shots[0].frames), len(job.shots[-1].frames) - 1):
        return "it is no loop"
    if (job.identity.get("clip"), job.identity.get("size")) != (job.fingerprint, f"{job.size[0]}×{job.size[1]}"):
        return "its identity is another job's"
    return ""


def _shot_contradiction(position: int, shot: Shot) -> str:
    """The same of a shot by itself."""
    if shot.number != position or shot.start >= shot.stop:
        return f"shot {position} makes no sense"
    if shot.light and not shot.light.is_for(len(shot.frames)):
        return f"shot {position} has no light for each of its frames"
    if shot.picture and not all(0 <= a < b <= 1 for a, b in (shot.picture[:2], shot.picture[2:])):
        return f"shot {position} has bars with no picture between them"
    if shot.returns and shot.returns >= position:
        return f"shot {position} returns to no earlier one"
    return ""


def _read(written: _Style, number: int, folder: Path) -> StyleImage:
    mask = Mask(folder / MASKS / str(number)) if written.masked else None
    weight = Keys.parse(written.weight) if isinstance(written.weight, str) else written.weight
    return StyleImage(_located(written.path, folder), weight, mask)


def _portable(path: Path, folder: Path) -> str:
    """A path as seen from the job folder, unless they have nothing but the root in common."""
    path, folder = path.resolve(), folder.resolve()
    try:
        together = Path(os.path.commonpath([path, folder]))
    except ValueError:  # another drive
        return path.as_posix()
    return path.as_posix() if together == Path(together.anchor) else Path(os.path.relpath(path, folder)).as_posix()


def _located(text: str, folder: Path) -> Path:
    return Path(os.path.normpath(folder / text))


def _words(value: Any) -> str:
    if value is None:
        return "(none)"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
