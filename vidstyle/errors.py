"""The kinds of errors, and the exit code of each.

The codes follow BSD's sysexits where one fits, since schedulers and scripts know them. 33, 137 and 255 are
never used: farm managers give those a meaning of their own.
"""

import traceback
from collections.abc import Iterator


class VidstyleError(Exception):
    """Something the user can act on: the message says what is wrong, in which file, and what to do.

    What is shown on lines of its own below the message follows it, an argument a line: a name may hold line breaks.
    """

    exit_code = 1

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


class UsageError(VidstyleError):
    """A command, a flag or a setting makes no sense."""

    exit_code = 2


class InputError(VidstyleError):
    """A clip, a style picture or a job folder can't be used as it is."""

    exit_code = 65


class NonFiniteLoss(InputError):
    """The loss of a frame, or its gradient, is not finite: the frame can't be painted."""


class NoProgress(InputError):
    """No frame gets finished in the time of an attempt."""


class DependencyError(VidstyleError):
    """Something that is needed is missing: ffmpeg, network weights, a device."""

    exit_code = 69


class OutputError(VidstyleError):
    """The output can't be created: its folder is missing or not writable, or a file is in the way."""

    exit_code = 73


class StorageError(VidstyleError):
    """Reading or writing failed midway, or the disk is full."""

    exit_code = 74


class StoppedAtCheckpoint(VidstyleError):
    """The run was stopped at a checkpoint, where the same command resumes."""

    exit_code = 75


def traceback_lines(error: BaseException) -> Iterator[str]:
    """Where an error arose and what it says, line by line; what it says is one line, whatever is in it."""
    for part in traceback.format_exception(error):
        yield from part.splitlines() if part.startswith('  File "') else (part.strip("\n"),)
