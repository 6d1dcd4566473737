"""Identity of this machine and process, as another machine can compare it, and what they may use."""

import contextlib
import ctypes
import functools
import math
import os
import platform
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from vidstyle.schema import Number, Seconds


@dataclass(frozen=True)
class Process:
    """A process, told apart from every other, even from one that gets its number later.

    Attributes
    ----------
    host, machine
        The machine's network name, and the identity of its installation (several may share a name).
    namespace
        Boot and process-number namespace, within which a `pid` is unique.
    pid, started
        Process number and start time in seconds since the epoch.
    """

    host: str
    machine: str
    namespace: str
    pid: Number
    started: Seconds

    def is_alive(self) -> bool | None:
        """Whether the process still runs; None if that can't be known from here."""
        current = this_process()
        if (self.host, self.machine) != (current.host, current.machine):
            return None
        if self.namespace != current.namespace:
            # After another boot nothing of the last one runs; a container can't see its neighbours.
            return False if self.namespace.split()[:1] != current.namespace.split()[:1] else None
        try:
            process = psutil.Process(self.pid)
            # Start times are derived from the clock at boot, which the kernel adjusts by a little.
            return abs(process.create_time() - self.started) < 2 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            return True


def this_process() -> Process:
    """The current process."""
    pid = os.getpid()
    return Process(socket.gethostname(), identity(), _namespace(), pid, psutil.Process(pid).create_time())


@functools.cache
def identity() -> str:
    """Of this machine's installation."""
    return _text("/etc/machine-id") or platform.node()


@functools.cache
def _namespace() -> str:
    boot = _text("/proc/sys/kernel/random/boot_id") or str(round(psutil.boot_time() / 60))
    try:
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return boot


def cores() -> int:
    """Cores that this process may use: ``OMP_NUM_THREADS``, else what its affinity and its cgroups leave of them."""
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    if asked.isdecimal() and int(asked):
        return int(asked)
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(psutil.cpu_count(logical=False) or allowed, allowed, math.ceil(min(allowed, cpu_quota()))))


def cpu_quota(root: Path = Path("/")) -> float:
    """The processor time, in cores, that a container grants this process; infinite where nothing limits it.

    The limits of cgroups are nested: the tightest on the way from this process's group to the top counts.
    """
    quotas = [math.inf]
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, name = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / controllers  # version 1 mounts each controller by its name, version 2 none
        group = top / name.strip("/")
        for folder in (group, *group.parents[: len(group.parts) - len(top.parts)]):
            limit = _text(folder / "cpu.max") or " ".join(
                _text(folder / f"cpu.cfs_{word}_us") for word in ("quota", "period")
            )
            quota, period = [*limit.split(), "", ""][:2]
            if quota.isdecimal() and period.isdecimal():  # else "max", or -1
                quotas.append(int(quota) / int(period))
    return min(quotas)


def release_memory() -> None:
    """Return freed memory to the system: glibc would keep arrays of up to 32 MB, such as a frame's planes."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # musl has no malloc_trim
            ctypes.CDLL(None).malloc_trim(0)


@functools.cache
def description() -> dict[str, str]:
    """What of this machine may influence the bytes of a frame: host, processor, versions."""
    processor = next(
        (
            line.split(":", 1)[1].strip()
            for line in _text("/proc/cpuinfo").splitlines()
            if line.startswith("model name")
        ),
        platform.processor() or platform.machine(),
    )
    from importlib import metadata  # only those who paint need it

    versions = {name: metadata.version(name) for name in ("vidstyle", "torch")}
    return {"host": socket.gethostname(), "processor": processor, **versions}


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
