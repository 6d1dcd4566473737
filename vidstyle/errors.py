"""The kinds of errors, and the exit code of each.

The codes follow BSD's sysexits where one fits, since schedulers and scripts know them. 33, 137 and 255 are
never used: farm managers give those a meaning of their own.
"""


class VidstyleError(Exception):
    """Something the user can act on: the message says what is wrong, in which file, and what to do."""

    exit_code = 1


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
