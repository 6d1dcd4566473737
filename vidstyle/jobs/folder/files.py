"""The files of a job folder: whole or absent, whoever is killed; and reached through no link, whoever made the folder.

A file is written under a temporary name, flushed to the disk, and renamed; the folder is flushed too, so that the
name survives a power cut. What is read back is checked all the same, since not every disk flushes when asked.

The path of a job folder has no link in it, since it is resolved when the job is opened: one on the way to a file was
put there. Each folder on that way is opened from the one above it and through no link, so that none can be put there
meanwhile. Where a system has no such calls, the way is looked at first.
"""

import contextlib
import errno
import json
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from vidstyle import schema
from vidstyle.errors import InputError
from vidstyle.media.files import storage_error, sync_folder
from vidstyle.printable import printable

T = TypeVar("T")
TEMPORARY = re.compile(r"\.[0-9a-f]{8}-")
"""The prefix of a file's name until it is whole."""
_LARGEST = 1 << 25
"""Bytes of a JSON file: a shot of half a million frames has fewer."""

_WALKS = os.open in os.supports_dir_fd and os.scandir in os.supports_fd and hasattr(os, "O_NOFOLLOW")
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
# A folder on the way need not be readable.
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | _NO_LINK


@contextlib.contextmanager
def publishing(
    path: Path, scratch: Path | None = None, *, replace: bool = True, lasting: bool = True
) -> Iterator[BinaryIO]:
    """A file to write to, which appears as `path` once the block has ended without an error.

    An existing file is replaced in one step, if it may be. The temporary file is in `scratch`, a folder on the same
    disk, or in that of `path`. The disk is not waited for where the file need not be `lasting` through a power cut.

    Raises
    ------
    FileExistsError
        A file is there, and may not be.
    InputError, OutputError, StorageError
        A link is in the way; the folder can't be written, the disk is full. Nothing is left behind.
    """
    temporary = (scratch or path.parent) / f".{secrets.token_hex(4)}-{path.name}"
    try:
        with os.fdopen(open_regular(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL), "w+b") as file:
            yield file
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        _rename(temporary, path, replace, lasting)
    except FileExistsError:
        raise
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            remove_file(temporary)


def write_json(path: Path, value: Any, scratch: Path | None = None, *, replace: bool = True) -> None:
    """Publish a value as JSON; see :func:`publishing`."""
    with publishing(path, scratch, replace=replace) as file:
        # A name that is no UTF-8 has lone surrogates, whose escapes in Python are those of JSON.
        text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
        file.write(text.encode(errors="backslashreplace"))


def load_json(path: Path, kind: type[T]) -> T:
    """What a JSON file holds, which must be of that kind; see :mod:`vidstyle.schema`.

    Raises
    ------
    InputError
        It is missing, too large, damaged, or something else.
    """
    try:
        return schema.from_json(read_bytes(path, _LARGEST), kind, path)
    except OSError as error:
        raise InputError(f"'{path}' can't be read: {error.strerror}.") from error


def read_json(path: Path, kind: type[T]) -> T | None:
    """The same, and None where it can't be had."""
    with contextlib.suppress(InputError):
        return load_json(path, kind)
    return None


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a file.

    Raises
    ------
    OSError
        It can't be read, it is no file, a link is on the way, or it has more bytes than `most`.
    """
    with os.fdopen(open_regular(path), "rb") as file:
        if (size := os.fstat(file.fileno()).st_size) > most:
            raise OSError(errno.EFBIG, f"it has {size} bytes, and at most {most} make sense", str(path))
        return file.read(most)


def open_regular(path: Path, flags: int = os.O_RDONLY) -> int:
    """A descriptor of a file that is no link, no pipe and no device.

    Raises
    ------
    OSError
        It can't be opened, or is something else.
    """
    # A pipe would be waited for.
    flags |= _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with _reached(path) as (name, place):
        if not _WALKS and path.is_symlink():
            raise _link(path)
        handle = os.open(name, flags, 0o666, **place)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is no file", str(path))
    return handle


def open_log(path: Path) -> BinaryIO:
    """A log to be added to."""
    return os.fdopen(open_regular(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab")


def append_line(path: Path, *lines: str) -> None:
    """Add dated lines to a log. A log that can't be written stops nothing."""
    with contextlib.suppress(OSError), open_log(path) as file:
        file.write("".join(f"{timestamp()} {printable(line)}\n" for line in lines).encode())


def make_folder(folder: Path) -> Path:
    """Create a folder and those above it, if need be.

    Raises
    ------
    InputError, OutputError, StorageError
        A link is in the way, or the folder can't be made.
    """
    try:
        with _reached(folder / "any", make=True):
            return folder
    except OSError as error:
        raise storage_error(folder, error) from error


def status(path: Path) -> os.stat_result | None:
    """What the system says of a file or folder (of a link: of itself); None where there is none to be reached."""
    with contextlib.suppress(OSError), _reached(path) as (name, place):
        return os.stat(name, follow_symlinks=False, **place)
    return None


def file_sizes(folder: Path) -> dict[str, int]:
    """The names of the files in a folder, links and folders left out, with their sizes in bytes."""
    found = {}
    with contextlib.suppress(OSError), _scanned(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                found[entry.name] = entry.stat(follow_symlinks=False).st_size
    return found


def names(folder: Path) -> set[str]:
    """The names of all that is in a folder; empty where it can't be reached."""
    with contextlib.suppress(OSError), _scanned(folder) as entries:
        return {entry.name for entry in entries}
    return set()


def remove_file(path: Path) -> None:
    """Delete a file, or a link itself, if it is there.

    Raises
    ------
    OSError
        It can't be deleted, or can't be reached but through a link.
    """
    with contextlib.suppress(FileNotFoundError), _reached(path) as (name, place):
        os.unlink(name, **place)


def remove_empty(folder: Path) -> None:
    """Delete a folder, unless something is in it or it is a link."""
    with contextlib.suppress(OSError), _reached(folder) as (name, place):
        os.rmdir(name, **place)


def remove_tree(folder: Path) -> None:
    """Delete a folder and all in it, as far as that can be done; what a link in it leads to stays."""
    with contextlib.suppress(OSError), _reached(folder) as (name, place):
        shutil.rmtree(name, ignore_errors=True, **place)


def timestamp() -> str:
    """Now, in UTC, as ISO 8601."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _rename(temporary: Path, path: Path, replace: bool, lasting: bool) -> None:
    with _reached(temporary) as (old, source), _reached(path) as (new, target):
        ends = {f"{end}_dir_fd": place["dir_fd"] for end, place in (("src", source), ("dst", target)) if place}
        try:
            (os.replace if replace else os.link)(old, new, **ends)
        except FileExistsError:
            raise
        except OSError:
            if replace:
                raise
            if status(path) is not None:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
            os.replace(old, new, **ends)  # the disk knows no second name of a file
        if lasting:
            sync_folder(Path() if target else path.parent, **target)


@contextlib.contextmanager
def _scanned(folder: Path) -> Iterator[Iterator[os.DirEntry[str]]]:
    """The entries of a folder, which may be looked at within the block."""
    with _reached(folder) as (name, place):
        handle = os.open(name, os.O_RDONLY | _FOLDER & ~getattr(os, "O_PATH", 0), **place) if place else None
        try:
            with os.scandir(name if handle is None else handle) as entries:
                yield entries
        finally:
            if handle is not None:
                os.close(handle)


@contextlib.contextmanager
def _reached(path: Path, *, make: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """A file's name and the folder that it is in, for the system's calls; `make` makes the folders on the way.

    Raises
    ------
    OSError
        A folder can't be reached, or (ELOOP) only through a link.
    """
    folder = Path(os.path.abspath(path.parent))  # a path that is not resolved
    if not _WALKS:
        if os.path.realpath(folder) != str(folder):
            raise _link(folder)
        if make:
            folder.mkdir(parents=True, exist_ok=True)
        yield str(path), {}
        return
    handle, reached = os.open(folder.anchor, _FOLDER), Path(folder.anchor)
    try:
        for name in folder.parts[1:]:
            reached /= name
            below = _below(handle, name, reached, make)
            os.close(handle)
            handle = below
        yield path.name, {"dir_fd": handle}
    finally:
        os.close(handle)


def _below(handle: int, name: str, path: Path, make: bool) -> int:
    """A folder in another one that is open."""
    try:
        return os.open(name, _FOLDER, dir_fd=handle)
    except FileNotFoundError:
        if not make:
            raise
        with contextlib.suppress(FileExistsError):  # somebody else's, just now
            os.mkdir(name, dir_fd=handle)
        return _below(handle, name, path, False)
    except OSError as error:
        error.filename = str(path)
        with contextlib.suppress(OSError):
            if stat.S_ISLNK(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode):
                error = _link(path)
        raise error


def _link(path: Path) -> OSError:
    return OSError(errno.ELOOP, "it is a link", str(path))
