"""One writer a shot: who paints it, whether they still live, and how the next one takes over.

Made for shared file systems, where locks can't be relied on and clocks differ: only rename and reading back
are used. ``lease.json`` names the attempt that owns the shot, and the attempt has a folder for its unfinished
files, with a heartbeat in it. Taking over replaces the lease and removes the folders of earlier attempts, so
that an attempt that still runs on somewhere notices at its next frame at the latest. Two writers for a moment
do no harm: whatever they publish is whole.
"""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
import shutil
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from vidstyle.errors import StoppedAtCheckpoint, VidstyleError
from vidstyle.jobs.files import make_folder, read_json, timestamp, write_json
from vidstyle.machine import Process, this_process

# Given back on release: on a disk that is full, there must still be room for the word that says so.
_RESERVE, _RESERVE_SIZE = "reserve", 8192
BEAT = 5.0
"""Seconds between two heartbeats."""
PATIENCE = 60.0
"""Seconds without a heartbeat, on the watcher's own clock, after which an attempt elsewhere counts as dead;
NFS shows a change after at most as long by default."""


@dataclass(frozen=True)
class Holder:
    """What a lease says.

    Attributes
    ----------
    attempt
        How often the shot was begun, this time included.
    since
        When it began, ISO 8601.
    ended
        How it ended: ``stopped``, ``failed`` or ``done``; empty while it runs, or if it died without a word.
    message
        Why it failed.
    stalled_attempts
        Turns in a row, once it has ended this one among them, that were stopped before they had finished anything.
    """

    process: Process
    attempt: int
    token: str
    since: str
    ended: str = ""
    message: str = ""
    stalled_attempts: int = 0

    def __str__(self) -> str:
        return f"process {self.process.pid} on {self.process.host} (attempt {self.attempt}, since {self.since})"


class Lease:
    """A shot held by this process, from :func:`acquire` until :meth:`release`.

    Attributes
    ----------
    holder
        What the lease says.
    scratch
        The folder for what is unfinished.
    made_progress
        Whether anything was finished, which whoever finishes it says here.
    """

    def __init__(self, shot_folder: Path, holder: Holder) -> None:
        self.holder = holder
        self.made_progress = False
        self.scratch = _attempt_folder(shot_folder, holder)
        self._shot_folder = shot_folder
        self._stop_event = threading.Event()
        self._heartbeat_thread = threading.Thread(target=self._beat, name="vidstyle-heartbeat", daemon=True)
        self._heartbeat_thread.start()

    def check(self) -> None:
        """Make sure that the shot is still ours, before each file that is published.

        Raises
        ------
        StoppedAtCheckpoint
            Another attempt has taken over.
        """
        owner = read_holder(self._shot_folder)
        if owner is None or owner.token != self.holder.token:
            raise StoppedAtCheckpoint(
                f"{self._shot_folder}: the shot was taken over by {owner or 'nobody'}; this attempt ends."
            )

    def release(self, ended: str, message: str = "") -> None:
        """Stop the heartbeat and leave word how it ended, if the shot is still ours."""
        self._stop_event.set()
        self._heartbeat_thread.join()
        with contextlib.suppress(OSError):
            (self.scratch / _RESERVE).unlink(missing_ok=True)
        with contextlib.suppress(VidstyleError):  # no longer ours, or the disk is full all the same
            self.check()
            stalled_attempts = self.holder.stalled_attempts + 1 if ended == "stopped" and not self.made_progress else 0
            told = dataclasses.replace(self.holder, ended=ended, message=message, stalled_attempts=stalled_attempts)
            _write_holder(self._shot_folder, told)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _beat(self) -> None:
        count = 0
        while not self._stop_event.wait(BEAT):
            count += 1
            # A full disk must not stop the heart; a folder that is gone shows at the next check.
            with contextlib.suppress(OSError):
                (self.scratch / "heartbeat").write_text(str(count), encoding="ascii")


def read_holder(shot_folder: Path) -> Holder | None:
    """The latest attempt at a shot; None where there was none or its file is damaged."""
    values = read_json(shot_folder / "lease.json") or {}
    try:
        return Holder(**values | {"process": Process(**values["process"])})
    except (KeyError, TypeError):
        return None


def is_alive(shot_folder: Path, holder: Holder) -> bool | None:
    """Whether an attempt still runs; None where only its heartbeat can tell."""
    if holder.ended or not _attempt_folder(shot_folder, holder).exists():
        return False
    return holder.process.is_alive()


def last_beat(shot_folder: Path, holder: Holder) -> float:
    """When an attempt last gave a sign of life, in seconds since the epoch on the file system's clock; 0: never."""
    signs = (_attempt_folder(shot_folder, holder) / "heartbeat", shot_folder / "lease.json")
    for sign in signs:
        with contextlib.suppress(OSError):
            return sign.stat().st_mtime
    return 0.0


def acquire(shot_folder: Path) -> Generator[Holder, None, Lease]:
    """Make the shot ours; yields a holder elsewhere while its heartbeat is watched.

    Raises
    ------
    StoppedAtCheckpoint
        Somebody who is alive is at it.
    """
    previous = read_holder(shot_folder)
    if previous is not None and (yield from _watch_heartbeat(shot_folder, previous)):
        raise StoppedAtCheckpoint(
            f"{shot_folder}: being worked at by {previous}. Wait for it to end, or stop it; "
            "then run the same command again."
        )
    attempt = previous.attempt + 1 if previous else 1
    # A turn that died without a word says nothing about the time that a turn is given.
    stalled_attempts = previous.stalled_attempts if previous else 0
    holder = Holder(this_process(), attempt, secrets.token_hex(8), timestamp(), stalled_attempts=stalled_attempts)
    make_folder(_attempt_folder(shot_folder, holder))
    with contextlib.suppress(OSError):
        (_attempt_folder(shot_folder, holder) / _RESERVE).write_bytes(bytes(_RESERVE_SIZE))
    try:
        _write_holder(shot_folder, holder)
    except BaseException:  # the lease may be there all the same; without its folder it is nobody's
        shutil.rmtree(_attempt_folder(shot_folder, holder), ignore_errors=True)
        raise
    lease = Lease(shot_folder, holder)
    try:
        lease.check()  # somebody may have come in between
    except StoppedAtCheckpoint:
        lease.release("stopped")
        raise
    _clear_older(shot_folder, attempt)
    return lease


def _clear_older(shot_folder: Path, attempt: int) -> None:
    """Remove what attempts of a smaller number left.

    Of two that claim a shot at once, the number is the same: neither may take the other's folder away, since which
    of them the lease names is only settled once both have written it.
    """
    for folder in (shot_folder / "attempts").glob("*-*"):
        number = folder.name.partition("-")[0]
        if number.isdecimal() and int(number) < attempt:
            shutil.rmtree(folder, ignore_errors=True)


def _watch_heartbeat(shot_folder: Path, holder: Holder) -> Generator[Holder, None, bool]:
    """Whether a holder is alive, watching its heartbeat where there is no other way to know."""
    alive = is_alive(shot_folder, holder)
    if alive is not None:
        return alive
    beat = heartbeat(shot_folder, holder)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield holder
        time.sleep(BEAT / 2)
        now = read_holder(shot_folder)
        if now is None or now.token != holder.token or now.ended:
            return now is not None and not now.ended
        if heartbeat(shot_folder, holder) != beat:
            return True
    return False


def heartbeat(shot_folder: Path, holder: Holder) -> bytes:
    """What changes with each sign of life of an attempt."""
    try:
        return (_attempt_folder(shot_folder, holder) / "heartbeat").read_bytes()
    except OSError:
        return b""


def _attempt_folder(shot_folder: Path, holder: Holder) -> Path:
    return shot_folder / "attempts" / f"{holder.attempt:03d}-{holder.token}"


def _write_holder(shot_folder: Path, holder: Holder) -> None:
    write_json(shot_folder / "lease.json", dataclasses.asdict(holder))
