"""``vidstyle assemble``, and what ``vidstyle submit`` has it do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result


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
