"""The bundle of an Open Job Description."""

from __future__ import annotations

import dataclasses
import json
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.farm.conftest import PROGRAM, SLOW, MakeJob, Run, frames_in, painted
from tests.helpers.slurm_cluster import until
from vidstyle.errors import UsageError
from vidstyle.farm.engine import Request, missing_shots
from vidstyle.farm.openjd import describe, submit
from vidstyle.farm.status import Watch
from vidstyle.jobs.folder.job import Job
from vidstyle.render.task import render_shots


def bundle(job: Job, **changes: Any) -> Path:
    """The template of what is missing."""
    list(submit(Request(job, missing_shots(job), PROGRAM, **changes)))
    return job.folder / "template.json"


def test_interrupted_it_stops_at_a_checkpoint_and_can_be_resumed(openjd: str, make_job: MakeJob) -> None:
    job = make_job(**SLOW)
    command = [openjd, "run", str(bundle(job))]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    until(lambda: painted(job, 1) >= 2)
    run.send_signal(signal.SIGINT)
    said, _ = run.communicate(timeout=90)
    assert run.returncode != 0
    assert "exited with code: 75" in said
    assert Watch(job.folder).job_status(job).shots[0].work.state == "stopped"
    before = frames_in(job)
    assert 2 <= len(before) < 6
    subprocess.run(command, check=True, capture_output=True, timeout=200)
    assert frames_in(job).items() >= before.items()
    assert job.output.exists()


def test_a_failed_shot_holds_back_the_assembly(openjd: str, make_job: MakeJob) -> None:
    job = make_job()
    hindrance = job.shot_folder(job.shots[1]) / "frames"
    hindrance.parent.mkdir(parents=True)
    hindrance.touch()
    done = subprocess.run([openjd, "run", str(bundle(job))], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"openjd_fail: '{hindrance}' can't be written" in done.stdout
    assert not job.output.exists()
    hindrance.unlink()
    template = bundle(job)
    assert json.loads(template.read_text())["steps"][0]["parameterSpace"]["taskParameterDefinitions"][0]["range"] == "2"
    subprocess.run([openjd, "run", str(template)], check=True, capture_output=True)
    assert job.output.exists()


@pytest.mark.parametrize("changes", [{}, {"per_task": 5}, {"gpus": 1}, {"gpus": 0}])
def test_every_template_passes_the_check(openjd: str, make_job: MakeJob, changes: dict[str, Any]) -> None:
    job = make_job()
    template = bundle(job, **changes)
    subprocess.run([openjd, "check", str(template)], check=True, capture_output=True)
    subprocess.run([openjd, "summary", str(template)], check=True, capture_output=True)
    assert json.loads(describe(Request(job, (1, 2), PROGRAM, **changes))) == json.loads(template.read_text())


def test_paths_can_be_mapped_and_shots_painted_in_chunks(openjd: str, make_job: MakeJob, tmp_path: Path) -> None:
    """As on a worker that sees the clip and the job folder in other places."""
    job = make_job()
    template = bundle(job, per_task=2)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(job.folder, elsewhere / "bundle")
    clip = shutil.copy(job.source_path, elsewhere / "footage.mp4")
    parameters = [f"JobFolder={elsewhere / 'bundle'}", f"Clip={clip}", f"OutputFolder={elsewhere}"]
    words = [word for parameter in parameters for word in ("-p", parameter)]
    subprocess.run([openjd, "run", str(template), *words], check=True, capture_output=True)
    assert (elsewhere / "out.mp4").exists() and not job.output.exists()
    assert len(list(elsewhere.rglob("frames/*.png"))) == 12 and not frames_in(job)


def test_what_needs_a_gpu_is_a_parameter(make_job: MakeJob) -> None:
    job = make_job()
    for gpus, processor in ((None, "vcpu"), (0, "vcpu"), (1, "gpu")):
        template = json.loads(describe(Request(job, (1,), PROGRAM, gpus=gpus)))
        parameters = {parameter["name"]: parameter for parameter in template["parameterDefinitions"]}
        assert parameters["Processor"]["default"] == processor
        amounts = template["steps"][0]["hostRequirements"]["amounts"]
        assert amounts == [{"name": "amount.worker.{{Param.Processor}}", "min": 1}]
        assert {name for name, value in parameters.items() if value["type"] == "PATH"} == {
            "JobFolder",
            "Clip",
            "OutputFolder",
        }


def test_a_file_name_is_not_taken_for_an_expression(make_job: MakeJob) -> None:
    job = make_job()
    wild = "{{Param.Clip}}\x1b\n{{{{"
    job = dataclasses.replace(job, output=job.output.with_name(f"{wild}.mp4"), summary=wild * 500)
    template = json.loads(describe(Request(job, (1,), PROGRAM)))
    for text in (template["name"], template["description"]):
        assert "{{" not in text and text.isprintable()
    assert len(template["description"]) <= 2048
    with pytest.raises(UsageError, match="expression"):
        describe(Request(job, (1,), ("python", "{{Task.File.Evil}}")))


@pytest.mark.slow
def test_a_painted_job_is_only_assembled(make_job: MakeJob) -> None:
    job = make_job()
    list(render_shots(job, job.shots))
    template = json.loads(bundle(job).read_text())
    assert [step["name"] for step in template["steps"]] == ["assemble"]
    assert "dependencies" not in template["steps"][0]


def test_openjd_refuses_options(make_job: MakeJob, run: Run) -> None:
    job = make_job()
    with pytest.raises(UsageError, match="deadline bundle submit"):
        bundle(job, workers=3)
    assert not (job.folder / "template.json").exists()
    assert "--qos=x" in run("submit", job.folder, "--to", "openjd", "--qos=x", code=2).stderr
