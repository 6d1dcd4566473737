"""Why a file can't be read, in a sentence that says what to do."""

import errno
import re
import stat
from pathlib import Path

from vidstyle.errors import InputError
from vidstyle.settings import MediaSettings

MAX_MEGAPIXELS = MediaSettings().max_megapixels

# An address; as a path it has lost one of its two slashes.
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):/+", re.IGNORECASE)


def refusal(path: Path, error: OSError) -> InputError | None:
    """The sentence for what the system itself refused; None if the file was opened and its content is to blame."""
    address = _ADDRESS.match(str(path))
    if address and len(address[1]) > 1 and error.errno != errno.EACCES:
        rest = str(path)[address.end() :]
        return InputError(f"'{address[1]}://{rest}' is an address: download the file, and name it where it lies then.")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return InputError(f"there is no file '{path}': check the name.")
    if error.errno == errno.EACCES:
        return InputError(f"'{path}' may not be read: change its permissions.")
    if error.errno == errno.ENAMETOOLONG:
        return InputError(f"'{path}' is too long a name for a file: check it.")
    if error.errno in (errno.EBUSY, errno.ETXTBSY):
        return InputError(f"'{path}' is in use by another program: close that, or copy the file, and try again.")
    if error.errno in (errno.EIO, errno.ESTALE, errno.ENODEV, errno.ENXIO, errno.ETIMEDOUT):
        return InputError(f"'{path}' can't be read from its disk or its server: look whether that is there and sound.")
    return None


def require_regular(path: Path, mode: int) -> None:
    """Make sure that a path names a file, or a folder: nothing comes out of a pipe or a device twice.

    Raises
    ------
    InputError
        The path names a pipe, a socket or a device.
    """
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise InputError(f"'{path}' is a pipe or a device and no file: record it into a file first.")


def require_size(path: Path, width: int, height: int, max_megapixels: int) -> None:
    """Make sure that a picture is not too large: a file of a few bytes can promise one that no memory holds.

    The limit is in millions of pixels; 0 sets none.

    Raises
    ------
    InputError
        The picture is too large.
    """
    if max_megapixels and width * height > max_megapixels * 1_000_000:
        needed = -(-width * height // 1_000_000)
        raise InputError(
            f"'{path}' says that it is {width}×{height} pixels, and more than {max_megapixels} million are refused, "
            "since a damaged or malicious file would fill the memory. If it is right, allow it with "
            f"--max-megapixels {needed}."
        )
