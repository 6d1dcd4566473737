"""What holds for every test.

A run that is to be complete fails where a test is skipped for want of something that can be installed.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import cv2
import hypothesis
import pytest

# Beside other tests, a process a core: its threads would only wait for each other's.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    cv2.setNumThreads(1)

# The same examples each time, and no time limit for one of them: the machine may be busy.
hypothesis.settings.register_profile("vidstyle", deadline=None, derandomize=True)
hypothesis.settings.load_profile("vidstyle")

MAY_BE_MISSING = (
    "RAFT's weights are not on this machine",
    "no CUDA card here",
    "no Apple GPU here",
    "there is a CUDA card here",
)
"""Why a test may be skipped all the same: what no installation brings."""


@pytest.fixture(autouse=True)
def _keep_opencv_threads() -> Generator[None, None, None]:
    """Give OpenCV its threads back: a job with ``threads`` sets them for the whole process."""
    threads = cv2.getNumThreads()
    yield
    cv2.setNumThreads(threads)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those of farms first, which wait long, and then those that paint: a long file that begins last is waited for."""
    rooms = ("farm", "render", "style", "measure", "bench")
    items.sort(
        key=lambda item: next((i for i, room in enumerate(rooms) if f"tests/{room}/" in item.nodeid), len(rooms))
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """A process a core, and one more: those of farms wait most of their time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a skip fail where ``VIDSTYLE_TEST_COMPLETE`` is set, unless its reason is one of those."""
    return _judged((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file."""
    return _judged((yield))


def _judged(report: Any) -> Any:
    expected = hasattr(report, "wasxfail")
    if os.environ.get("VIDSTYLE_TEST_COMPLETE") and report.skipped and not expected:
        reason = str(report.longrepr[2]).removeprefix("Skipped: ")
        if reason not in MAY_BE_MISSING:
            report.outcome = "failed"
            report.longrepr = f"skipped, in a run that is to be complete: {reason}"
    return report
