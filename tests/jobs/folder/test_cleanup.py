"""Whose files are whose: nothing of anybody else's is deleted, whatever it is called."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.runs import plan
from tests.render.test_video import quick, take
from vidstyle.errors import DependencyError, InputError, OutputError, StoppedAtCheckpoint, UsageError, VidstyleError
from vidstyle.generators import finish
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder import lease
from vidstyle.jobs.folder.cleanup import remove
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.plan import plan_job
from vidstyle.jobs.write_job import write_job
from vidstyle.render.assemble import assemble
from vidstyle.render.video import stylize_video
from vidstyle.settings import StyleImage

THEIRS = (
    *("shots/seq010/plate.exr", "shots/0001/frames/000001.png", "shots/0001/log.txt", "shots/0001/state/000001.npz"),
    *("styles/wave.jpg", "styles/1-noise.png", "farm/submit.sh", "farm/logs/1.log", "assembly/log.txt", "frames/1.png"),
    *("assembly/attempts/mine.txt", "shots/0001/attempts/first/plate.exr"),
    *("template.json", "parameter_values.json", "job.log", "assembled.json", "assembling.json", "heartbeat"),
)
"""Files under the names that a job folder uses, which somebody else may use as well."""
FOREIGN = {
    "no job.json": None,
    "a job.json of another program": '{"name": "build", "schema": 1, "shots": [], "styles": []}',
    "one of a later version": '{"schema": 99}',
    "a list": "[1, 2]",
    "no JSON": "name: build",
    "nothing": "",
}


def tree(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def fill(folder: Path, names: tuple[str, ...] = THEIRS) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("theirs")


@pytest.fixture
def job(tmp_path: Path, clip: Path, style: StyleImage) -> Iterator[Job]:
    """A job of which two frames are painted."""
    run = stylize_video(clip, [style], tmp_path / "out.mp4", quick("none"), work_dir=tmp_path / "work")
    take(run, "frame", 2)
    run.close()
    return jobs.load(tmp_path / "work")


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("kind", FOREIGN)
def test_a_folder_with_other_files_is_refused_and_left_as_it_is(
    tmp_path: Path, clip: Path, style: StyleImage, kind: str, restart: bool
) -> None:
    project = tmp_path / "project"
    fill(project)
    if FOREIGN[kind] is not None:
        (project / "job.json").write_text(FOREIGN[kind])
    before = tree(tmp_path)
    with pytest.raises((OutputError, InputError), match="--work-dir"):
        next(stylize_video(clip, [style], tmp_path / "o.mp4", quick("none"), work_dir=project, restart=restart))
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", sorted({name.split("/")[0] for name in THEIRS}))
def test_a_folder_with_one_file_of_a_job_s_name_is_refused(
    tmp_path: Path, clip: Path, style: StyleImage, name: str
) -> None:
    project = tmp_path / "project"
    fill(project, tuple(path for path in THEIRS if path.split("/")[0] == name))
    before = tree(tmp_path)
    for settings in (quick("none"), quick("none", network_weights="nowhere")):
        with pytest.raises(OutputError, match="other files"):
            next(stylize_video(clip, [style], tmp_path / "out.mp4", settings, work_dir=project))
        assert tree(tmp_path) == before


@pytest.mark.slow
def test_files_that_others_put_into_a_job_folder_are_kept(job: Job) -> None:
    theirs = (
        "shots/seq010/plate.exr",
        "shots/0001/plate.exr",
        "shots/0001/frames/plate.0001.exr",
        "shots/0002/log.txt",
    )
    theirs += ("styles/mine.jpg", "farm/submit.sh", "assembly/attempts/mine.txt", "job.json.bak", "mine.txt")
    fill(job.folder, theirs)
    remove(job)
    assert {name for name, content in tree(job.folder).items() if content is not None} == set(theirs)


def test_all_files_of_the_job_are_deleted(job: Job) -> None:
    shutil.rmtree(job.folder / "shots" / "0001" / "frames")  # interrupted before
    (job.folder / ".0123abcd-job.json").touch()
    remove(job)
    assert not job.folder.exists()


def test_links_are_not_followed(job: Job, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.move(job.folder / "shots", elsewhere / "shots")
    shutil.move(job.folder / "styles", elsewhere / "styles")
    (job.folder / "shots").symlink_to(elsewhere / "shots")
    (job.folder / "styles").symlink_to(elsewhere / "styles")
    before = tree(elsewhere)
    remove(job)
    assert tree(elsewhere) == before
    # Nor does a word that lies elsewhere vouch for what is here.
    (elsewhere / "job.json").write_text(json.dumps({}))
    fill(job.folder)
    (job.folder / "job.json").symlink_to(elsewhere / "job.json")
    before = tree(tmp_path)
    remove(job)
    assert tree(tmp_path) == before


def test_nothing_is_deleted_where_job_json_is_another_job_s(job: Job) -> None:
    values = json.loads((job.folder / "job.json").read_text())
    values["identity"]["seed"] = 77
    (job.folder / "job.json").write_text(json.dumps(values))
    before = tree(job.folder)
    remove(job)
    assert tree(job.folder) == before
    values["identity"]["size"] = "1×1"
    (job.folder / "job.json").write_text(json.dumps(values))
    with pytest.raises(InputError, match="another job's"):
        jobs.load(job.folder)


@pytest.mark.slow
@pytest.mark.parametrize("number", ["1; reboot", "{{Param.Clip}}", 1.5, True, 2, -1, None])
def test_a_shot_is_what_its_number_says(job: Job, number: object) -> None:
    values = json.loads((job.folder / "job.json").read_text())
    values["shots"][0]["number"] = number
    (job.folder / "job.json").write_text(json.dumps(values))
    with pytest.raises(InputError, match=r"shots\[0\]\.number: expected|shot 1 makes no sense"):
        jobs.load(job.folder)


def test_an_output_among_the_job_s_files_is_refused(job: Job, tmp_path: Path, clip: Path, style: StyleImage) -> None:
    before = tree(job.folder)
    output = job.folder / "shots" / "0001" / "frames" / "%06d.png"
    arguments = (clip, [style], output, quick("none"))
    with pytest.raises(OutputError, match="among the files of the job"):
        next(stylize_video(*arguments, work_dir=job.folder, overwrite=True))
    with pytest.raises(OutputError, match="among the files of the job"):
        next(assemble(dataclasses.replace(job, output=output, overwrite=True)))
    assert tree(job.folder) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["shots", "styles", "assembly", "shots/0001", "shots/0001/frames"])
def test_nothing_is_written_through_a_link(job: Job, tmp_path: Path, clip: Path, style: StyleImage, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    if (job.folder / name).exists():
        shutil.move(job.folder / name, elsewhere)
    else:
        elsewhere.mkdir()
    fill(elsewhere, ("000003.png", "1-noise.png", "frames/000003.png"))
    (job.folder / name).symlink_to(elsewhere)
    before = tree(elsewhere)
    with pytest.raises(InputError, match="is a link"):
        list(stylize_video(clip, [style], tmp_path / "out.mp4", quick("none"), work_dir=job.folder))
    assert tree(elsewhere) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["shots", "shots/0001", "shots/0001/frames"])
def test_nothing_is_assembled_or_deleted_through_a_link(
    tmp_path: Path, clip: Path, style: StyleImage, name: str
) -> None:
    settings = quick("none", limit="1f")
    list(stylize_video(clip, [style], tmp_path / "out.mp4", settings, work_dir=tmp_path / "work", keep=True))
    job = jobs.load(tmp_path / "work")
    shutil.move(job.folder / name, tmp_path / "elsewhere")
    (job.folder / name).symlink_to(tmp_path / "elsewhere")
    before = tree(tmp_path / "elsewhere")
    for keep in (True, False):
        with pytest.raises(InputError, match="is a link"):
            list(assemble(dataclasses.replace(job, output=tmp_path / "other.mp4"), keep=keep))
    remove(job)
    assert tree(tmp_path / "elsewhere") == before
    assert not (tmp_path / "other.mp4").exists()


@pytest.mark.slow
def test_of_two_jobs_that_begin_in_a_folder_at_once_one_gives_way(
    tmp_path: Path, clip: Path, style: StyleImage
) -> None:
    first, second = (
        plan_job(clip, [style], tmp_path / "out.mp4", quick("none", seed=seed), work_dir=tmp_path / "work")
        for seed in (1, 2)
    )
    job = finish(write_job(first))
    before = tree(job.folder)
    with pytest.raises(StoppedAtCheckpoint, match="run the same command again"):
        finish(write_job(second))
    assert tree(job.folder) == before
    remove(job)
    assert not job.folder.exists()


def refused(clip: Path, style: StyleImage, tmp_path: Path) -> Iterator[tuple[type[VidstyleError], dict[str, object]]]:
    (tmp_path / "taken.mp4").write_text("mine")
    yield UsageError, {"settings": quick("none", network_weights="nowhere")}
    yield DependencyError, {"settings": quick("none", device="cuda:99")}
    yield UsageError, {"settings": quick("none", frames="13-")}
    yield InputError, {"settings": quick("nowhere.txt")}
    yield InputError, {"clip": tmp_path / "nowhere.mp4"}
    yield InputError, {"styles": [tmp_path / "nowhere.png"]}
    yield OutputError, {"output": tmp_path / "taken.mp4"}


def test_starting_over_checks_everything_before_it_deletes_anything(
    job: Job, tmp_path: Path, clip: Path, style: StyleImage
) -> None:
    for kind, changes in refused(clip, style, tmp_path):
        before = tree(tmp_path)
        arguments = {"clip": clip, "styles": [style], "output": tmp_path / "out.mp4", "settings": quick("none")}
        with pytest.raises(kind):
            list(stylize_video(**arguments | changes, work_dir=job.folder, restart=True))
        assert tree(tmp_path) == before, changes


@pytest.mark.slow
def test_a_first_run_that_fails_leaves_no_folder_that_it_made(tmp_path: Path, clip: Path, style: StyleImage) -> None:
    (tmp_path / "mine").mkdir()
    settings = quick("none", network_weights="nowhere")
    for place in ("mine", "mine/new/er"):
        with pytest.raises(UsageError, match="weights"):
            list(stylize_video(clip, [style], tmp_path / "out.mp4", settings, work_dir=tmp_path / place))
        assert tree(tmp_path) == {"mine": None}
    list(stylize_video(clip, [style], tmp_path / "out.mp4", quick("none", limit="1f"), work_dir=tmp_path / "mine"))
    assert set(tree(tmp_path)) == {"mine", "out.mp4"}


def test_a_run_that_fails_keeps_a_job_that_was_planned_before(tmp_path: Path, clip: Path, style: StyleImage) -> None:
    settings = quick("none", device="cuda:77")
    job = plan(clip, [style], tmp_path / "out.mp4", settings)
    with pytest.raises(VidstyleError):
        list(stylize_video(clip, [style], tmp_path / "out.mp4", settings))
    assert jobs.load(job.folder).digest == job.digest


@pytest.mark.slow
@pytest.mark.parametrize("place", ["shots/0001", "assembly"])
def test_restart_watches_the_heartbeat_of_another_machine_first(
    job: Job, tmp_path: Path, clip: Path, style: StyleImage, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(lease, "BEAT", 0.05)
    monkeypatch.setattr(lease, "PATIENCE", 0.4)
    folder = job.folder / place
    holder = json.loads((job.folder / "shots/0001/lease.json").read_text())
    holder |= {"ended": "", "process": holder["process"] | {"host": "node7"}}
    attempt = folder / "attempts" / f"{holder['attempt']:03d}-{holder['token']}"
    attempt.mkdir(parents=True)
    (folder / "lease.json").write_text(json.dumps(holder))

    def over() -> list[str]:
        run = stylize_video(clip, [style], tmp_path / "out.mp4", quick("none"), work_dir=job.folder, restart=True)
        kinds = []
        for beat, progress in enumerate(run):
            kinds.append(progress.kind)
            if alive:
                (attempt / "heartbeat").write_text(str(beat))
            if progress.kind == "frame":
                run.close()
        return kinds

    alive = True
    before = set(tree(job.folder))
    with pytest.raises(StoppedAtCheckpoint, match="node7"):
        over()
    assert set(tree(job.folder)) >= before
    alive = False
    kinds = over()
    assert kinds[0] == "wait" and "frame" in kinds and "resume" not in kinds
