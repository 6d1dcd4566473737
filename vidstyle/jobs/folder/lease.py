"""One writer a folder (a shot's, the one for assembling, a studio's): who it is, whether it lives, who takes over.

Leases are made for shared file systems, where locks can't be relied on and clocks differ: only renaming and reading
back are used. ``lease.json`` names the attempt that owns the folder, and each attempt has a folder for its unfinished
files, with a heartbeat in it. Taking over replaces the lease and removes the folders of earlier attempts, so that an
attempt that still runs somewhere notices at its next frame at the latest. Two writers for a moment do no harm:
whatever they publish is whole.
"""

import contextlib
import dataclasses
import os
import re
import secrets
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from vidstyle.errors import StoppedAtCheckpoint, VidstyleError
from vidstyle.jobs.folder.files import (
    make_folder,
    names,
    open_regular,
    read_bytes,
    read_json,
    remove_file,
    remove_tree,
    status,
    timestamp,
    write_json,
)
from vidstyle.machine import Process, this_process
from vidstyle.schema import Count

ATTEMPT = re.compile(r"\d{3,10}-[0-9a-f]{16}")
"""The name of an attempt's folder."""
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
    attempt: Count
    token: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
    since: str
    ended: str = ""
    message: str = ""
    stalled_attempts: Count = 0

    def __str__(self) -> str:
        return f"process {self.process.pid} on {self.process.host} (attempt {self.attempt}, since {self.since})"


class Lease:
    """A folder held by this process, from :func:`acquire` until :meth:`release`.

    Its `scratch` is the folder for unfinished files. `made_progress`, whether a frame was finished, is set by whoever
    publishes one.
    """

    def __init__(self, folder: Path, holder: Holder) -> None:
        self.folder, self.holder = folder, holder
        self.scratch = attempt_folder(folder, holder)
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
                f"{self.folder}: the work was taken over by {owner or 'nobody'}; this attempt ends."
            )

    def release(self, ended: str, message: str = "") -> None:
        """Stop the heartbeat and write down how the attempt ended, if the folder is still ours."""
        self._stop_event.set()
        self._heartbeat_thread.join()
        with contextlib.suppress(OSError):
            remove_file(self.scratch / _RESERVE)
        with contextlib.suppress(VidstyleError):  # no longer ours, or the disk is full all the same
            self.check()
            stalled = self.holder.stalled_attempts + 1 if ended == "stopped" and not self.made_progress else 0
            holder = dataclasses.replace(self.holder, ended=ended, message=message, stalled_attempts=stalled)
            _write_holder(self.folder, holder)
        remove_tree(self.scratch)

    def _beat(self) -> None:
        count = 0
        while not self._stop_event.wait(BEAT):
            count += 1
            # A full disk must not stop the heartbeat; a folder that is gone shows at the next check.
            with contextlib.suppress(OSError):
                _write(self.scratch / "heartbeat", str(count).encode())


def read_holder(folder: Path) -> Holder | None:
    """Who holds a folder, or held it last; None where nobody did or ``lease.json`` is damaged."""
    return read_json(folder / "lease.json", Holder)


def is_alive(folder: Path, holder: Holder) -> bool | None:
    """Whether an attempt still runs; None where only its heartbeat can tell.

    A process of this machine that has not given a sign of life of late may be any, which somebody wrote into the lease.
    """
    if holder.ended or status(attempt_folder(folder, holder)) is None:
        return False
    alive = holder.process.is_alive()
    return alive if not alive or abs(time.time() - last_beat(folder, holder)) < 3 * BEAT else None


def seems_alive(folder: Path, holder: Holder) -> bool:
    """The same without watching: on another machine a sign of life of late tells, and clocks may differ a little."""
    alive = is_alive(folder, holder)
    return time.time() - last_beat(folder, holder) < 2 * PATIENCE if alive is None else alive


def last_beat(folder: Path, holder: Holder) -> float:
    """When an attempt last gave a sign of life, in seconds since the epoch on the file system's clock; 0: never."""
    signs = (status(attempt_folder(folder, holder) / "heartbeat"), status(folder / "lease.json"))
    return next((sign.st_mtime for sign in signs if sign is not None), 0.0)


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
    make_folder(attempt_folder(folder, holder))
    with contextlib.suppress(OSError):
        _write(attempt_folder(folder, holder) / _RESERVE, bytes(_RESERVE_SIZE))
    try:
        _write_holder(folder, holder)
    except BaseException:  # the lease may be there all the same; without its folder it is nobody's
        remove_tree(attempt_folder(folder, holder))
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
    for earlier in names(folder / "attempts"):
        if ATTEMPT.fullmatch(earlier) and int(earlier.partition("-")[0]) < attempt:
            remove_tree(folder / "attempts" / earlier)


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
        return read_bytes(attempt_folder(folder, holder) / "heartbeat", 64)
    except OSError:
        return b""


def attempt_folder(folder: Path, holder: Holder) -> Path:
    """Where an attempt keeps its unfinished files."""
    return folder / "attempts" / f"{holder.attempt:03d}-{holder.token}"


def _write_holder(folder: Path, holder: Holder) -> None:
    write_json(folder / "lease.json", dataclasses.asdict(holder))


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
        file.write(data)
