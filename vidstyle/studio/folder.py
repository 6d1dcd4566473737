"""The studio's own folder: what was dropped, masks and films, and a file that vouches for them."""

from __future__ import annotations

import contextlib
import itertools
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, BinaryIO, Literal, Self

import msgspec
from msgspec import Meta

from vidstyle.errors import InputError, OutputError, StoppedAtCheckpoint, UsageError
from vidstyle.generators import Run
from vidstyle.jobs.folder.files import (
    load_json,
    names,
    publishing,
    read_json,
    remove_file,
    status,
    write_json,
)
from vidstyle.jobs.folder.lease import Holder, Lease, acquire, read_holder
from vidstyle.jobs.plan import job_folder
from vidstyle.media.encode.encoders import VIDEO_SUFFIXES
from vidstyle.media.files import no_folder, storage_error
from vidstyle.media.images.pictures import IMAGE_SUFFIXES
from vidstyle.paths import exists
from vidstyle.schema import Bytes, Number, Weight

NAME = "studio.json"
_LEASE = frozenset({"lease.json", "attempts"})
Kind = Literal["clip", "painting", "mask"]
_FileName = Annotated[str, Meta(pattern=r"^[\w-][\w. -]*\Z", max_length=255)]
_Text = Annotated[str, Meta(max_length=4096)]
_KNOWN = {*IMAGE_SUFFIXES, *VIDEO_SUFFIXES, ".avi", ".m2ts", ".mts", ".ts", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp"}
_LONGEST = 80
"""Bytes of a name without its suffix: an output's has several of them in it."""


@dataclass(frozen=True)
class ChosenStyle:
    """A painting, its share, and the masks drawn for it, by the numbers of their frames."""

    path: Path
    share: Weight = 1.0
    masks: tuple[tuple[Number, Path], ...] = ()


@dataclass(frozen=True)
class Choice:
    """All that a film is made from: its clip and styles, a preset, and settings as texts by their keys."""

    clip: Path
    styles: tuple[ChosenStyle, ...]
    preset: _Text = "standard"
    settings: dict[_Text, _Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Kept:
    """A file of the studio's: its name in the folder, what it was called, and by what it is known to be the same."""

    name: _FileName
    title: _Text
    kind: Kind
    size: Bytes
    changed: Annotated[int, Meta(ge=0, le=2**63 - 1)]


@dataclass(frozen=True)
class FilmRecord:
    """A film that was begun, under a name in the folder."""

    output: _FileName
    choice: Choice


class _Studio(msgspec.Struct):
    """What ``studio.json`` says; the `address` is the latest studio's, without its token."""

    vidstyle_studio: Literal[1]
    address: _Text = ""
    files: tuple[Kept, ...] = ()
    films: tuple[FilmRecord, ...] = ()


class StudioFolder:
    """A folder that is the studio's, as its ``studio.json`` says; it is made if it isn't there.

    One studio has it, until it is closed: two would write over what each other knows.

    Parameters
    ----------
    path, address
        Of the folder, and of the studio, for whoever comes second.
    tell
        Called if it takes a minute to find out whether a studio elsewhere is alive.

    Raises
    ------
    OutputError, InputError, UsageError
        Something else is in it, it can't be written, or its name can't stand in a command.
    StoppedAtCheckpoint
        Another studio has it.
    """

    def __init__(self, path: Path, address: str = "", tell: Callable[[Holder], object] = lambda _: None) -> None:
        if set(str(path)) & set("@,="):
            raise UsageError(f"-o {path}: a folder whose name has '@', ',' or '=' in it can't be named with a mask.")
        self.path = path
        if exists(path) and not path.is_dir():
            raise OutputError(f"'{path}' is a file: name a folder for what the studio keeps, with -o.")
        if not path.parent.is_dir():
            raise no_folder(path)
        try:
            path.mkdir(exist_ok=True)
            self._real = path.resolve()
        except OSError as error:
            raise storage_error(path, error) from error
        there = names(self._real) - _LEASE  # one that was killed at its beginning has left no more
        if NAME not in there and there:
            raise OutputError(f"'{path}' has other files in it: name a new folder for the studio with -o.")
        if there:
            load_json(self._real / NAME, _Studio)  # nothing is written into what is somebody else's
        self._lease = self._take(tell)
        try:
            self._known = load_json(self._real / NAME, _Studio) if NAME in names(self._real) else _Studio(1)
            self._known.address = address
            self._write()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the next studio have the folder."""
        self._lease.release("done")

    def _take(self, tell: Callable[[Holder], object]) -> Lease:
        run = Run(acquire(self._real))
        try:
            for count, holder in enumerate(run):
                if not count:
                    tell(holder)
        except StoppedAtCheckpoint:
            owner, known = read_holder(self._real), read_json(self._real / NAME, _Studio)
            who = f"process {owner.process.pid} on {owner.process.host}" if owner else "just now"
            where = f", {known.address}" if known and known.address else ""
            raise StoppedAtCheckpoint(
                f"'{self.path}': a studio is open in this folder already ({who}{where}). Go on in its page, or end it "
                "by Ctrl-C; or name another folder with -o."
            ) from None
        return run.result

    def kept(self, kind: Kind) -> list[Kept]:
        """What is there of a kind, in the order in which it came."""
        return [one for one in self._known.files if one.kind == kind and self._is_there(one)]

    def films(self) -> list[FilmRecord]:
        """Those that were begun, oldest first."""
        return list(self._known.films)

    @contextlib.contextmanager
    def receiving(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A file to write to what somebody drops, under a name of its own; it is gone at the block's end."""
        part = self._real / f".{secrets.token_hex(8)}.part"
        try:
            with part.open("xb") as file:
                yield part, file
        except OSError as error:
            raise storage_error(self.path / part.name, error) from error
        finally:
            with contextlib.suppress(OSError):
                remove_file(part)

    def keep(self, part: Path, title: str, kind: Kind) -> Kept:
        """Give what was received a name like its own, which nothing has."""
        name = self._free(title, kind)
        try:
            part.rename(self._real / name)  # no other studio writes here
        except OSError as error:
            raise storage_error(self.path / name, error) from error
        return self._vouch(name, title, kind)

    def write(self, data: bytes, title: str, kind: Kind) -> Kept:
        """Keep a file of the studio's making."""
        name = self._free(title, kind)
        with publishing(self._real / name, replace=False) as file:
            file.write(data)
        return self._vouch(name, title, kind)

    def remove(self, kept: Kept, choices: Iterable[Choice] = ()) -> None:
        """Delete a file that is still the one that was kept, unless a film is made from it, or any of these choices."""
        all_choices = (*choices, *(film.choice for film in self._known.films))
        used = {path.name for choice in all_choices for path in _files_of(choice)}
        if kept.name not in used:
            if kept in self._known.files and self._is_there(kept):
                remove_file(self._real / kept.name)
            self._known.files = tuple(one for one in self._known.files if one != kept)
            self._write()

    def output_for(self, choice: Choice, name: str) -> Path:
        """Where a film goes: to its own name where it was begun before and isn't done, else to one that nothing has."""
        for film in self._known.films:
            if film.choice == choice and film.output not in names(self._real):
                return self.path / film.output
        return self.path / self._free(name, "film")

    def begin(self, output: Path, choice: Choice) -> None:
        """Remember a film that is begun, so that it can be gone on with."""
        record = FilmRecord(output.name, choice)
        if record not in self._known.films:
            self._known.films = (*self._known.films, record)
            self._write()

    def _free(self, title: str, kind: Kind | Literal["film"]) -> str:
        """A name like that of a title, which nothing in the folder has, nor the output or work of a film."""
        taken = {name.casefold() for name in names(self._real)} | {film.output.casefold() for film in self.films()}
        whole = safe_name(title, kind)
        stem, suffix = whole[: -len(Path(whole).suffix)], Path(whole).suffix
        for count in itertools.count(1):
            name = f"{stem}-{count}{suffix}" if count > 1 else whole
            if not {name.casefold(), job_folder(Path(name)).name.casefold()} & taken:
                return name
        raise AssertionError

    def _vouch(self, name: str, title: str, kind: Kind) -> Kept:
        found = status(self._real / name)
        if found is None:
            raise InputError(f"'{self.path / name}' is gone: drop it again.")
        kept = Kept(name, title[:1000], kind, found.st_size, found.st_mtime_ns)
        self._known.files = (*self._known.files, kept)
        self._write()
        return kept

    def _is_there(self, kept: Kept) -> bool:
        found = status(self._real / kept.name)
        return found is not None and (found.st_size, found.st_mtime_ns) == (kept.size, kept.changed)

    def _write(self) -> None:
        self._lease.check()
        write_json(self._real / NAME, msgspec.to_builtins(self._known, enc_hook=str))


def safe_name(title: str, kind: Kind | Literal["film"]) -> str:
    """A file's name like a title, which may be anything: letters, digits and ``_.-``, a suffix that is known.

    >>> safe_name("../../a clip's [end].MP4", "clip")
    'a_clip_s_end.mp4'
    """
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", title)[-1])
    stem, dot, suffix = last.rpartition(".")
    known = f".{suffix.lower()}" if dot and f".{suffix.lower()}" in _KNOWN else ""
    clean = re.sub(r"[^\w.-]+", "_", stem if known else last).strip("._-")
    clean = clean.encode()[:_LONGEST].decode(errors="ignore") or kind
    return clean + (known or f".{kind}")


def _files_of(choice: Choice) -> Iterator[Path]:
    yield choice.clip
    for style in choice.styles:
        yield style.path
        yield from (path for _, path in style.masks)
