"""Painted frames on the command line and in files, and the commands that hand frames out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from vidstyle.cli.names import painted_in
from vidstyle.jobs.folder import job as jobs

Run = Callable[..., Result]


@pytest.mark.slow
def test_a_frame_is_handed_out_and_comes_back(inputs: Path, run: Run) -> None:
    assert run("frame", "clip.mp4", "2", "-o", "keys/").exit_code == 0
    assert (inputs / "keys" / "frame2.png").exists()
    assert "may be painted on" in run("frame", "clip.mp4", "2", "-o", "keys/frame2.png").output
    (inputs / "vidstyle.toml").write_text('painted = ["keys"]\n')
    assert run("plan", "clip.mp4", "--job", "job").exit_code == 0
    job = jobs.load(inputs / "job")
    assert [key.index for key in job.given] == [1] and job.output.name == "clip.painted.mp4"


def test_several_are_named_one_by_one(inputs: Path, run: Run) -> None:
    twice = run("clip.mp4", "--painted", "2=photo.jpg", "--painted", "2=noise.png")
    assert twice.exit_code == 2 and "painted twice, in 'photo.jpg' and 'noise.png'" in twice.output.replace("\n", " ")
    both = run("clip.mp4", "clip.mp4", "--painted", "2=photo.jpg")
    assert both.exit_code == 2 and "one clip" in both.output


def test_suggestions_can_be_read_by_programs(inputs: Path, run: Run) -> None:
    result = run("suggest-keys", "clip.mp4", "--json", "--most", "1")
    (found,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (found["type"], found["first"], found["last"], len(found["keys"])) == ("keys", 1, 4, 1)


def test_paths_in_a_file_start_from_its_folder() -> None:
    folder = Path("/films")
    assert painted_in(["41=a.png", "keys"], folder) == ["41=/films/a.png", "/films/keys"]
    assert painted_in("41=/b/a.png, 90=c.png", folder) == ["41=/b/a.png", "90=/films/c.png"]
    assert painted_in(3, folder) == 3
