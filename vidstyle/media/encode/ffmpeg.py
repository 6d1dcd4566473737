"""The ffmpeg program: finding it, running it, and saying what it said when it failed."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

import imageio_ffmpeg
from av.error import PyAVCallbackError

from vidstyle.errors import DependencyError, StorageError, VidstyleError
from vidstyle.media.formats import READING
from vidstyle.printable import shell_words

# The first version that can be told to leave each frame's time alone (-fps_mode).
_OLDEST = (5, 1)
# Lines that say nothing: consequences of a first failure, and what SVT-AV1 always prints.
_NOISE = (
    *("Task finished", "Terminating thread", "Nothing was written", "Conversion failed", "Error sending frames"),
    "Svt[",
)
# Words that tell a failure from a warning among its lines.
_ERROR_WORDS = re.compile(r"\b(error|invalid|not|cannot|fail\w*|unsupported|denied)\b", re.IGNORECASE)
_LAST_WORDS = 1500  # characters of its stderr that a message shows
# The errors of a write to a program that has ended, directly and through PyAV.
_BROKEN = (BrokenPipeError, PyAVCallbackError)


def find_ffmpeg(choice: str = "") -> str:
    """The program's path: `choice` if given, else the one that imageio-ffmpeg brings, else the system's.

    Raises
    ------
    DependencyError
        There is no such program.
    """
    if choice:
        found = shutil.which(choice)
        if found is None:
            raise DependencyError(
                f"there is no program '{choice}': correct --ffmpeg (or VIDSTYLE_FFMPEG) or leave it out."
            )
        return found
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        found = shutil.which("ffmpeg")
    if found is None:
        raise DependencyError("the ffmpeg program is missing: pip install imageio-ffmpeg, or name one with --ffmpeg.")
    return found


def require_encoder(program: str, encoder: str) -> None:
    """Make sure that this ffmpeg is new enough and can encode.

    Raises
    ------
    DependencyError
        The program is too old, lacks the encoder, or doesn't run.
    """
    try:
        done = _list_encoders(program, Path(shutil.which(program) or program).stat().st_mtime_ns)
    except (OSError, subprocess.CalledProcessError) as error:
        why = error.strerror if isinstance(error, OSError) else f"it ends with {error.returncode}"
        raise DependencyError(f"'{program}' does not run ({why}): name another ffmpeg with --ffmpeg.") from error
    version = re.search(r"ffmpeg version n?(\d+)\.(\d+)", done.stderr)  # development builds have none
    if version and (int(version[1]), int(version[2])) < _OLDEST:
        raise DependencyError(
            f"'{program}' is version {version[1]}.{version[2]}, and {_OLDEST[0]}.{_OLDEST[1]} is needed: "
            "pip install imageio-ffmpeg, or name another with --ffmpeg."
        )
    if encoder not in done.stdout.split():
        raise DependencyError(
            f"'{program}' has no encoder {encoder}: pip install imageio-ffmpeg, or name another with --ffmpeg."
        )


@cache  # it is asked for many encoders, each time a job is planned
def _list_encoders(program: str, changed: int) -> subprocess.CompletedProcess[str]:
    """What a program that was last changed at this time says of its version and its encoders."""
    quiet = subprocess.DEVNULL
    return subprocess.run(
        [program, "-encoders"], stdin=quiet, capture_output=True, text=True, errors="replace", check=True
    )


def licence(program: str) -> str:
    """What this ffmpeg is passed on under."""
    said = subprocess.run([program, "-hide_banner", "-L"], stdin=subprocess.DEVNULL, capture_output=True).stdout
    if b"unredistributable" in said:
        return "not to be passed on"
    return "LGPL" if b"Lesser General Public" in said else "GPL"


def has_option(program: str, name: str) -> bool:
    """Whether this ffmpeg knows an option of its own, by its name."""
    done = subprocess.run([program, "-hide_banner", "-h", "full"], stdin=subprocess.DEVNULL, capture_output=True)
    return re.search(rf"^-{name}\b", done.stdout.decode(errors="replace"), re.MULTILINE) is not None


class EncodingFailed(StorageError):
    """ffmpeg failed; `log_end` is the end of its log."""

    def __init__(self, log_end: str, *lines: str) -> None:
        super().__init__(*lines)
        self.log_end = log_end

    @property
    def reason(self) -> str:
        """The line of its last words that most likely says why, without where in ffmpeg it arose."""
        lines = [re.sub(r"^(\[[^]]*\] )+", "", line).strip() for line in self.log_end.splitlines()]
        telling = [line for line in lines if line and not line.startswith(_NOISE)]
        failing = [line for line in telling if _ERROR_WORDS.search(line)]
        return next(iter(failing or telling or lines), "it gave no reason").rstrip(".")


@contextmanager
def running(command: Sequence[str], output: Path) -> Iterator[IO[bytes]]:
    """Run ffmpeg for the time of the block, which feeds its standard input; whatever ends the block ends it too.

    Raises
    ------
    StorageError
        The disk is full, or (:class:`EncodingFailed`) ffmpeg failed, or stopped taking input; with the command and the
        end of its stderr.
    """
    # Its messages go to a file, since a pipe that nobody empties would stop it. It runs in a session of its own, so
    # that a Ctrl-C is for this program alone to handle.
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors, start_new_session=True)
        assert process.stdin is not None
        try:
            with suppress(*_BROKEN):  # it ended early; its own words say why
                yield process.stdin
                process.stdin.close()
            code = process.wait()
            if code != 0:
                raise _encoding_error(command, output, code, errors)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            with suppress(*_BROKEN):
                process.stdin.close()


def _encoding_error(command: Sequence[str], output: Path, code: int, errors: IO[bytes]) -> VidstyleError:
    errors.seek(0)
    words = errors.read().decode(errors="replace").strip()
    shown = shell_words(command).replace(
        f"-format_whitelist {READING['format_whitelist']} ", ""
    )  # longer than all else
    last = (f"Its command: {shown}", "Its last words:", *words[-_LAST_WORDS:].split("\n"))
    if "No space left on device" in words or "Disk quota exceeded" in words:
        reason = f"the disk is full while writing '{output}': free some space and run the same command again."
        return StorageError(reason, *last)
    reason = (
        f"ffmpeg failed to write '{output}' (it ended with {code}). Painted frames are kept: run the same command "
        "again, with another format such as .mkv, or another ffmpeg (--ffmpeg), where what it says tells no more."
    )
    return EncodingFailed(words[-_LAST_WORDS:], reason, *last)
