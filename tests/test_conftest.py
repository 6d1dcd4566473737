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
    ("complete", "processes", "counts"),
    [
        ("", "0", "1 passed, 5 skipped, 1 xfailed"),
        ("1", "0", "1 failed, 1 passed, 1 skipped, 1 xfailed, 3 errors"),
        ("1", "1", "1 failed, 1 passed, 1 skipped, 1 xfailed, 3 errors"),
    ],
)
def test_only_what_may_be_missing_is_skipped(tmp_path: Path, complete: str, processes: str, counts: str) -> None:
    """A test, a fixture, or a whole file; in this process, and in one of xdist's."""
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_some.py").write_text(_TESTS)
    (tmp_path / "test_none.py").write_text("import pytest\npytest.importorskip('no_such_library')\n")
    (tmp_path / "pytest.ini").touch()
    options = ("-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", "-n", processes)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, tmp_path],
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        | {"VIDSTYLE_TEST_COMPLETE": complete},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == bool(complete), done.stdout
    assert counts in done.stdout
    assert ("to be complete: no Chromium here" in done.stdout) is bool(complete)
