"""Files that appear whole or not at all."""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vidstyle.errors import InputError, OutputError, StorageError
from vidstyle.printable import shell_words

_PROBE = 4096
"""Bytes that no disk but a full one refuses."""
_SCRATCH = "vidstyle-trial-"
_FORGOTTEN = 86_400
"""Seconds after which nobody works in a scratch folder any more: a trial takes a few."""


def publish(path: Path, data: bytes, *, lasting: bool = True) -> None:
    """Write a file; see :func:`published`."""
    with published(path, lasting=lasting) as part, part.open("xb") as file:
        file.write(data)


@contextmanager
def published(path: Path, *, lasting: bool = True) -> Iterator[Path]:
    """A path to write to, whose file gets the name `path` once the block has ended without an error.

    The name never shows anything but the whole content, power cuts included. The disk is not waited for where the
    file need not be `lasting` through one.

    Raises
    ------
    OutputError
        The folder is not there or can't be written.
    StorageError
        The disk is full or failed.
    """
    part = hidden_part(path)
    try:
        # An interrupted run may have left a file of this name, or somebody a link that leads elsewhere. Its ffmpeg may
        # still be writing to it, which is another file then.
        part.unlink(missing_ok=True)
        yield part
        if lasting:
            with part.open("rb") as file:
                os.fsync(file.fileno())
        part.replace(path)
        if lasting:
            sync_folder(path.parent)
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def no_folder(path: Path) -> OutputError:
    """The error that the folder of a file to be written is not there: one that nobody meant is soon made of a typo."""
    command = shell_words(["mkdir", "-p", str(path.parent)])
    return OutputError(f"there is no folder '{path.parent}' for '{path.name}': make it ({command}), or choose another.")


def check_writable(path: Path) -> None:
    """Try to write beside a file: permissions say little to root, on network drives and on read-only disks.

    Raises
    ------
    OSError
        Nothing can be written there, or the disk is full.
    """
    part = hidden_part(path)
    try:
        file = part.open("xb")
    except FileExistsError:  # an interrupted run's
        return
    try:
        with file:
            file.write(bytes(_PROBE))
            file.flush()
            os.fsync(file.fileno())  # some disks only say so now
    finally:
        part.unlink()


def hidden_part(path: Path) -> Path:
    """The hidden name, in the same folder and with the same suffix, that a file has until it is whole."""
    return path.with_name(f".{path.stem}.part{path.suffix}")


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A temporary folder for the time of the block; those that killed processes left are removed first."""
    home, old = Path(tempfile.gettempdir()), time.time() - _FORGOTTEN
    for left in home.glob(f"{_SCRATCH}*"):
        with suppress(OSError):
            if left.lstat().st_mtime < old and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_SCRATCH) as folder:
        yield Path(folder)


def sync_folder(folder: Path, dir_fd: int | None = None) -> None:
    """Make a rename in this folder last through a power cut (where the system can)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY, dir_fd=dir_fd)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems know no such thing
            raise
    finally:
        os.close(handle)


def exists_already(path: Path) -> OutputError:
    """The sentence for a file that nobody allowed to be replaced."""
    return OutputError(f"'{path}' exists already: choose another name, or replace it with -y.")


def storage_error(path: Path, error: OSError) -> InputError | OutputError | StorageError:
    """The sentence for a write that the system refused."""
    if error.errno == errno.ELOOP:
        return InputError(
            f"'{error.filename or path}' is a link, and within a job folder none is followed, since it may lead "
            "anywhere: take it away, or name the folder where the work is to be kept with --work-dir."
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(f"the disk is full while writing '{path}': free some space and run the same command again.")
    if error.errno == errno.ENAMETOOLONG:
        return OutputError(f"'{path.name}' is too long a name for this disk: choose a shorter one.")
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR):
        return OutputError(f"'{path}' can't be written: {error.strerror}. Choose another place.")
    return StorageError(
        f"writing '{path}' failed ({error.strerror}): look whether its disk or server is there and sound, then run the "
        "same command again."
    )
