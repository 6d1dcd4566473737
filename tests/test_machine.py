"""How many cores a process may use, with the files of cgroups in a folder of the test's."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from vidstyle import machine

CPU, BOTH = "sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"


@pytest.mark.parametrize(
    ("groups", "files", "quota"),
    [
        pytest.param("", {}, math.inf, id="no cgroups"),
        pytest.param("0::/", {"sys/fs/cgroup/cpu.max": "max 100000"}, math.inf, id="v2, unlimited"),
        pytest.param("0::/", {"sys/fs/cgroup/cpu.max": "250000 100000"}, 2.5, id="v2, in a container"),
        pytest.param("0::/job/step", {"sys/fs/cgroup/job/step/cpu.max": "400000 100000"}, 4, id="v2, own group"),
        pytest.param(
            "0::/job/step",
            {"sys/fs/cgroup/job/cpu.max": "300000 100000", "sys/fs/cgroup/job/step/cpu.max": "max 100000"},
            3,
            id="v2, the group around it",
        ),
        pytest.param(
            "5:memory:/a\n4:cpu,cpuacct:/a",
            {f"{BOTH}/a/cpu.cfs_quota_us": "150000", f"{BOTH}/a/cpu.cfs_period_us": "100000"},
            1.5,
            id="v1",
        ),
        pytest.param(
            "4:cpu:/docker/1f\n0::/",
            {f"{CPU}/cpu.cfs_quota_us": "200000", f"{CPU}/cpu.cfs_period_us": "50000"},
            4,
            id="v1, in a container that sees its own group alone",
        ),
        pytest.param(
            "4:cpu:/", {f"{CPU}/cpu.cfs_quota_us": "-1", f"{CPU}/cpu.cfs_period_us": "100000"}, math.inf, id="v1, none"
        ),
        pytest.param("3:cpuset:/", {"sys/fs/cgroup/cpuset/cpu.max": "100000 100000"}, math.inf, id="not of the time"),
    ],
)
def test_cpu_quota(tmp_path: Path, groups: str, files: dict[str, str], quota: float) -> None:
    for name, text in {"proc/self/cgroup": groups, **files}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    assert machine.cpu_quota(tmp_path) == quota


@pytest.mark.parametrize(
    ("threads", "affinity", "quota", "cores"),
    [
        ("", 8, math.inf, 6),
        ("", 4, math.inf, 4),
        ("", 8, 2.5, 3),
        ("", 8, 0.1, 1),
        ("5,2", 8, 2.0, 5),
        ("many", 2, 7.0, 2),
    ],
)
def test_cores(monkeypatch: pytest.MonkeyPatch, threads: str, affinity: int, quota: float, cores: int) -> None:
    """Of a machine with 6 cores."""
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    monkeypatch.setattr(machine.os, "sched_getaffinity", lambda process: range(affinity), raising=False)
    monkeypatch.setattr(machine.psutil, "cpu_count", lambda logical: 6)
    monkeypatch.setattr(machine, "cpu_quota", lambda: quota)
    assert machine.cores() == cores
