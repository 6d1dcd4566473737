"""What a complete run makes of tests that are skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_TESTS = """
import pytest

def test_passes(): pass
def test_lacks_a_browser(): pytest.skip("no Chromium here")
def test_lacks_a_card(): pytest.skip("no CUDA card here")
@pytest.mark.skipif(True, reason="no Slurm here")
def test_lacks_slurm(): pass
@pytest.fixture
def library(): pytest.importorskip("no_such_library", reason="no library here")
def test_lacks_a_library(library): pass
@pytest.mark.xfail
def test_fails_as_expected(): assert False
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("complete", "code", "counts"),
    [("", 0, "1 passed, 4 skipped, 1 xfailed"), ("1", 1, "1 failed, 1 passed, 1 skipped, 1 xfailed, 2 errors")],
)
@pytest.mark.parametrize("processes", ["0", "1"])
def test_only_what_may_be_missing_is_skipped(
    tmp_path: Path, complete: str, code: int, counts: str, processes: str
) -> None:
    done = _run(tmp_path, _TESTS, complete, processes)
    assert done.returncode == code, done.stdout
    assert counts in done.stdout
    assert ("to be complete: no Chromium here" in done.stdout) is bool(complete)


@pytest.mark.slow
@pytest.mark.parametrize("processes", ["0", "1"])
def test_a_file_that_is_skipped_as_a_whole_fails_a_complete_run(tmp_path: Path, processes: str) -> None:
    done = _run(tmp_path, "import pytest\npytest.importorskip('no_such_library')\n", "1", processes)
    assert done.returncode not in (0, 5), done.stdout


def _run(folder: Path, tests: str, complete: str, processes: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    (folder / "test_some.py").write_text(tests)
    (folder / "pytest.ini").touch()
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", processes, folder],
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        | {"VIDSTYLE_TEST_COMPLETE": complete},
        capture_output=True,
        text=True,
        check=False,
    )
