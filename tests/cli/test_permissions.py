"""What may not be read, entered or written: a sentence and the documented code, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]
NOBODY = 65534
STYLE, OUT = "--style noise.png", "-o o.mp4"

REFUSED = {
    "a clip in a folder without x": (f"closed/clip.mp4 {STYLE}", 65),
    "pictures in one": (f"closed/%d.jpg {STYLE}", 65),
    "a clip that may not be read": (f"locked.mp4 {STYLE}", 65),
    "a style that may not be read": ("clip.mp4 --style locked.png", 65),
    "a style with a weight": ("clip.mp4 --style closed/noise.png:2", 65),
    "an output": (f"clip.mp4 {STYLE} -o closed/o.mp4", 73),
    "numbered pictures": (f"clip.mp4 {STYLE} -o closed/%d.png", 73),
    "a picture": (f"photo.jpg {STYLE} -o closed/o.png", 73),
    "a job folder": (f"clip.mp4 {STYLE} {OUT} --work-dir closed/job", 73),
    "a job folder that can't be written": (f"clip.mp4 {STYLE} {OUT} --work-dir fixed", 73),
    "weights": (f"clip.mp4 {STYLE} {OUT} --network-weights closed/w.pth", 69),
    "a config file": (f"clip.mp4 {STYLE} --config closed/c.toml", 2),
    "a job's status": ("status closed/job", 65),
    "a job's task": ("task closed/job --shot 1", 65),
    "a job's submission": ("submit closed --to local", 65),
    "a plan": (f"plan clip.mp4 {STYLE} --job closed/job", 73),
    "a report": ("measure clip.mp4 --against clip.mp4 --report closed/r.html", 73),
}


@pytest.fixture
def place(folder: Path, media: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A current folder, of somebody who is not root, with folders and files that are not theirs to use."""
    with tempfile.TemporaryDirectory() as scratch:
        here = Path(scratch)
        for name in ("closed", "fixed"):
            (here / name).mkdir()
        for file in media.iterdir():
            shutil.copyfile(file, here / file.name)
        for name in ("clip.mp4", "noise.png"):
            shutil.copyfile(media / name, here / "closed" / name)
        monkeypatch.chdir(here)
        assert run("clip.mp4", "--style", "noise.png", "--dry-run").exit_code == 0
        modes = {"closed": 0o644, "fixed": 0o555, "locked.mp4": 0, "locked.png": 0}
        shutil.copyfile(media / "clip.mp4", here / "locked.mp4")
        shutil.copyfile(media / "noise.png", here / "locked.png")
        root = os.geteuid() == 0
        for path in (here, here / "closed", here / "fixed"):
            if root:
                os.chown(path, NOBODY, NOBODY)
        for name, mode in modes.items():
            (here / name).chmod(mode)
        if root:
            os.seteuid(NOBODY)
        try:
            yield here
        finally:
            if root:
                os.seteuid(0)
            (here / "closed").chmod(0o755)


@pytest.mark.slow
def test_a_file_without_permission_is_refused_and_nothing_is_left_behind(run: Run, place: Path) -> None:
    before = sorted(path.name for path in place.iterdir())
    for what, (words, code) in REFUSED.items():
        result = run(*words.split())
        assert result.exit_code == code, (what, result.stderr)
        assert "should not happen" not in result.stderr, what
        assert sorted(path.name for path in place.iterdir()) == before, what
