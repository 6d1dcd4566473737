"""One writer a folder, which is a shot's or the one for assembling: who it is, whether it lives, who takes over.

Leases are made for shared file systems, where locks can't be relied on and clocks differ: only renaming and reading
back are used. ``lease.json`` names the attempt that owns the folder, and each attempt has a folder for its unfinished
files, with a heartbeat in it. Taking over replaces the lease and removes the folders of earlier attempts, so that an
attempt that still runs somewhere notices at its next frame at the latest. Two writers for a moment do no harm:
whatever they publish is whole.
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

# This file is deleted on release: on a full disk there must still be room to write how the attempt ended.
_RESERVE, _RESERVE_SIZE = "reserve", 8192
BEAT = 5.0
"""Seconds between two heartbeats."""
PATIENCE = 60.0
"""Seconds without a heartbeat, on the watcher's own clock, after which an attempt elsewhere counts as dead;
NFS shows a change after at most as long by default."""


@dataclass(frozen=True)
class Holder:
    """The process that holds a lease, as ``lease.json`` describes it.

    Attributes
    ----------
    attempt
        How often the work was begun, this time included.
    token
        Tells this attempt from all others.
    since
        When it began, ISO 8601.
    ended
        How it ended: ``stopped``, ``failed`` or ``done``; empty while it runs, or if the process was killed.
    message
        Why it failed.
    stalled_attempts
        Attempts in a row that were stopped before they had finished a frame; this one counts once it has ended.
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
    """A folder held by this process, from :func:`acquire` until :meth:`release`.

    Its `scratch` is the folder for unfinished files. `made_progress`, whether a frame was finished, is set by whoever
    publishes one.
    """

    def __init__(self, folder: Path, holder: Holder) -> None:
        self.folder, self.holder = folder, holder
        self.scratch = _attempt_folder(folder, holder)
        self.made_progress = False
        self._stop_event = threading.Event()
        self._heartbeat_thread = threading.Thread(target=self._beat, name="vidstyle-heartbeat", daemon=True)
        self._heartbeat_thread.start()

    def check(self) -> None:
        """Make sure that the folder is still ours, before each file that is published.

        Raises
        ------
        StoppedAtCheckpoint
            Another attempt has taken over.
        """
        owner = read_holder(self.folder)
        if owner is None or owner.token != self.holder.token:
            raise StoppedAtCheckpoint(
                f"{self.folder}: the shot was taken over by {owner or 'nobody'}; this attempt ends."
            )

    def release(self, ended: str, message: str = "") -> None:
        """Stop the heartbeat and write down how the attempt ended, if the folder is still ours."""
        self._stop_event.set()
        self._heartbeat_thread.join()
        with contextlib.suppress(OSError):
            (self.scratch / _RESERVE).unlink(missing_ok=True)
        with contextlib.suppress(VidstyleError):  # no longer ours, or the disk is full all the same
            self.check()
            stalled = self.holder.stalled_attempts + 1 if ended == "stopped" and not self.made_progress else 0
            holder = dataclasses.replace(self.holder, ended=ended, message=message, stalled_attempts=stalled)
            _write_holder(self.folder, holder)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _beat(self) -> None:
        count = 0
        while not self._stop_event.wait(BEAT):
            count += 1
            # A full disk must not stop the heartbeat; a folder that is gone shows at the next check.
            with contextlib.suppress(OSError):
                (self.scratch / "heartbeat").write_text(str(count), encoding="ascii")


def read_holder(folder: Path) -> Holder | None:
    """Who holds a folder, or held it last; None where nobody did or ``lease.json`` is damaged."""
    values = read_json(folder / "lease.json") or {}
    try:
        return Holder(**values | {"process": Process(**values["process"])})
    except (KeyError, TypeError):
        return None


def is_alive(folder: Path, holder: Holder) -> bool | None:
    """Whether an attempt still runs; None where only its heartbeat can tell."""
    if holder.ended or not _attempt_folder(folder, holder).exists():
        return False
    return holder.process.is_alive()


def last_beat(folder: Path, holder: Holder) -> float:
    """When an attempt last gave a sign of life, in seconds since the epoch on the file system's clock; 0: never."""
    signs = (_attempt_folder(folder, holder) / "heartbeat", folder / "lease.json")
    for sign in signs:
        with contextlib.suppress(OSError):
            return sign.stat().st_mtime
    return 0.0


def acquire(folder: Path) -> Generator[Holder, None, Lease]:
    """Take a folder's lease; yields its holder on another machine while its heartbeat is watched.

    Raises
    ------
    StoppedAtCheckpoint
        A process that is alive holds it.
    """
    previous = read_holder(folder)
    if previous is not None and (yield from _watch_heartbeat(folder, previous)):
        raise StoppedAtCheckpoint(
            f"{folder}: being worked at by {previous}. Wait for it to end, or stop it; then run the same command again."
        )
    attempt = previous.attempt + 1 if previous else 1
    # An attempt that was killed says nothing about the time that an attempt is given, and so isn't counted.
    stalled = previous.stalled_attempts if previous else 0
    holder = Holder(this_process(), attempt, secrets.token_hex(8), timestamp(), stalled_attempts=stalled)
    make_folder(_attempt_folder(folder, holder))
    with contextlib.suppress(OSError):
        (_attempt_folder(folder, holder) / _RESERVE).write_bytes(bytes(_RESERVE_SIZE))
    try:
        _write_holder(folder, holder)
    except BaseException:  # the lease may be there all the same; without its folder it is nobody's
        shutil.rmtree(_attempt_folder(folder, holder), ignore_errors=True)
        raise
    lease = Lease(folder, holder)
    try:
        lease.check()  # somebody may have come in between
    except StoppedAtCheckpoint:
        lease.release("stopped")
        raise
    _clear_older(folder, attempt)
    return lease


def _clear_older(folder: Path, attempt: int) -> None:
    """Remove what attempts of a smaller number left.

    Two that claim a folder at once have the same number. Neither may remove the other's files, since which of them
    holds the lease is only settled once both have written it.
    """
    for earlier in (folder / "attempts").glob("*-*"):
        number = earlier.name.partition("-")[0]
        if number.isdecimal() and int(number) < attempt:
            shutil.rmtree(earlier, ignore_errors=True)


def _watch_heartbeat(folder: Path, holder: Holder) -> Generator[Holder, None, bool]:
    """Whether a holder is alive, watching its heartbeat where there is no other way to know."""
    alive = is_alive(folder, holder)
    if alive is not None:
        return alive
    beat = heartbeat(folder, holder)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield holder
        time.sleep(BEAT / 2)
        now = read_holder(folder)
        if now is None or now.token != holder.token or now.ended:
            return now is not None and not now.ended
        if heartbeat(folder, holder) != beat:
            return True
    return False


def heartbeat(folder: Path, holder: Holder) -> bytes:
    """A text that changes with each sign of life of an attempt."""
    try:
        return (_attempt_folder(folder, holder) / "heartbeat").read_bytes()
    except OSError:
        return b""


def _attempt_folder(folder: Path, holder: Holder) -> Path:
    return folder / "attempts" / f"{holder.attempt:03d}-{holder.token}"


def _write_holder(folder: Path, holder: Holder) -> None:
    write_json(folder / "lease.json", dataclasses.asdict(holder))
