"""``vidstyle assemble``, and what ``vidstyle submit`` has it do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from tests.helpers.runs import put
from vidstyle.jobs.folder import job as jobs
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames


@pytest.mark.slow
def test_a_job_from_elsewhere_writes_beside_itself_or_where_this_command_allows(
    run: Callable[..., Result], inputs: Path
) -> None:
    taken = inputs / "taken.mp4"
    taken.write_text("mine")
    planned = ("plan", "clip.mp4", "--style", "noise.png", "-o", "taken.mp4", "--strength", "0", "--flow", "none")
    assert run(*planned, "--job", "jobs/a", "-y").exit_code == 0
    job = inputs / "jobs" / "a" / "job.json"
    own = job.read_text()
    job.write_text(json.dumps(json.loads(own) | {"planned_by": "somebody"}))
    for command in (("assemble", "jobs/a"), ("submit", "jobs/a", "--to", "local")):
        refused = run(*command)
        assert refused.exit_code == 73
        assert str(taken) in refused.stderr and "-y" in refused.stderr
    assert taken.read_text() == "mine"
    # A name on the command line is no leave to replace what is there.
    (inputs / "other.mp4").write_text("mine, too")
    assert "exists already" in run("assemble", "jobs/a", "-o", "other.mp4").stderr
    assert run("assemble", "jobs/a", "-y").exit_code == 0
    assert taken.read_bytes() != b"mine"
    taken.write_text("mine")
    job.write_text(own)
    assert run("assemble", "jobs/a").exit_code == 0
    assert taken.read_bytes() != b"mine"


@pytest.mark.slow
def test_another_delivery_costs_no_painting_and_says_what_concerns_it(run: Callable[..., Result], inputs: Path) -> None:
    planned = ("plan", "clip.mp4", "--style", "noise.png", "-o", "out.mp4", "--light", "painting", "--job", "job")
    assert run(*planned).exit_code == 0
    put(jobs.load(inputs / "job"), lambda index: 0.5)
    edit = ("assemble", "job", "-o", "edit.mkv", "--codec", "ffv1", "--audio", "none", "--strength", "0@1,1@3")
    done = run(*edit)
    assert done.exit_code == 0
    made, clip = probe(inputs / "edit.mkv"), probe(inputs / "clip.mp4")
    assert (made.codec, made.streams) == ("ffv1", ())
    levels = [frame.image for frame in read_frames(made)]
    originals = [frame.image for frame in read_frames(clip)]
    for share, level, original in zip((0, 0.5, 1, 1), levels, originals, strict=True):
        assert np.abs(level - (original + share * (0.5 - original))).mean() < 0.02
    assert len(done.stderr.splitlines()) == 1
    assert "it is there already" in run(*edit).stderr
    assert "exists already" in run("assemble", "job", "-o", "edit.mkv", "--codec", "h264").stderr
    assert "a film keeps its own times" in run("assemble", "job", "-o", "b.mp4", "--fps", "12").stderr
    # What was planned is written as planned, and both are known to be there.
    assert run("assemble", "job").exit_code == 0
    assert [stream.kind for stream in probe(inputs / "out.mp4").streams] == ["audio"]
    assert all("it is there already" in run(*words).stderr for words in (edit, ("assemble", "job")))
    refused = run("assemble", "job", "--partial", "--remove", "-o", "p.mp4")
    assert (refused.exit_code, "keeps the job" in refused.stderr) == (2, True)


def test_what_was_never_painted_is_not_shown_at_another_strength(run: Callable[..., Result], inputs: Path) -> None:
    planned = ("plan", "clip.mp4", "--style", "noise.png", "-o", "out.mp4", "--strength", "0", "--job", "job")
    assert run(*planned).exit_code == 0
    refused = run("assemble", "job", "-o", "a.mp4", "--strength", "0.5")
    assert refused.exit_code == 2
    assert "nothing of it is painted" in refused.stderr
