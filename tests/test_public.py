"""The package's public names."""

from __future__ import annotations

import inspect
import subprocess
import sys

import vidstyle


def test_every_public_name_can_be_imported_and_has_a_docstring() -> None:
    assert list(vidstyle.__all__) == sorted(vidstyle.__all__)
    assert set(vidstyle.__all__) <= set(dir(vidstyle))
    for name in vidstyle.__all__:
        assert inspect.getdoc(getattr(vidstyle, name)), name


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(vidstyle, "stylise_video")


def test_importing_brings_nothing_heavy_with_it() -> None:
    code = "import sys, vidstyle; print([name for name in ('torch', 'cv2', 'av', 'numpy') if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
