"""The job folder's description of what is to be done."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from vidstyle.errors import InputError
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.motion.shots.shot_light import ShotLight
from vidstyle.settings import Settings, StyleImage


@pytest.fixture
def job(tmp_path: Path) -> Job:
    folder = tmp_path / "out" / "a.vidstyle"
    folder.mkdir(parents=True)
    settings = Settings().replace(temporal_frames=(1, 2, 4), size=640, cuts="none")
    return Job(
        folder=folder,
        source_path=tmp_path / "in" / "ä #1.mp4",
        fingerprint="f00",
        styles=(StyleImage(folder / "styles" / "1-wave.jpg", 2.0),),
        output=tmp_path / "out" / "a.mp4",
        overwrite=False,
        settings=settings,
        size=(640, 272),
        bit_depth=16,
        shots=(Shot(1, 3, 11, (30, 100)), Shot(2, 11, 20, (110, 190), ShotLight((0.5,) * 9, (0.0,) * 9, (3,), 0.5))),
        identity=jobs.identity("f00", [("abc", 2.0, "")], (640, 272), "4-20", "none", settings),
        summary="a clip",
        notes=("odd",),
    )


def test_what_is_saved_is_loaded(job: Job) -> None:
    jobs.save(job)
    assert jobs.load(job.folder) == job
    assert job.frames == range(3, 20)


def test_frames_behind_the_end_of_a_loop_are_those_of_its_beginning(job: Job) -> None:
    last = dataclasses.replace(job.shots[1], stop=24, light=None)
    loop = dataclasses.replace(job, shots=(job.shots[0], last), closing=4)
    jobs.save(loop)
    assert jobs.load(loop.folder) == loop
    assert loop.frames == job.frames
    assert [loop.in_clip(index) for index in (19, 20, 23)] == [19, 3, 6]
    assert loop.number(20) == job.number(3) == 4
    jobs.save(dataclasses.replace(loop, closing=9))
    with pytest.raises(InputError, match="it is no loop"):
        jobs.load(loop.folder)


def test_a_folder_moved_with_its_clip_still_finds_it(job: Job, tmp_path: Path) -> None:
    jobs.save(job)
    tmp_path.rename(tmp_path.with_name("moved"))
    moved = jobs.load(tmp_path.with_name("moved") / "out" / "a.vidstyle")
    assert moved.source_path == tmp_path.with_name("moved") / "in" / "ä #1.mp4"
    assert moved.styles[0].path.is_relative_to(moved.folder)
    assert moved.digest == job.digest


def test_job_json_names_no_program(job: Job) -> None:
    jobs.save(dataclasses.replace(job, settings=job.settings.replace(ffmpeg="/own/ffmpeg")))
    path = job.folder / "job.json"
    assert "/own/ffmpeg" not in path.read_text()
    values = json.loads(path.read_text())
    values["settings"]["run"]["ffmpeg"] = "./evil"
    path.write_text(json.dumps(values))
    assert jobs.load(job.folder).settings.run.ffmpeg == ""


def test_paths_with_nothing_in_common_stay_absolute(job: Job) -> None:
    far = dataclasses.replace(job, source_path=Path("/footage/clip.mp4"))
    jobs.save(far)
    assert json.loads((job.folder / "job.json").read_text())["clip"]["path"] == "/footage/clip.mp4"
    assert jobs.load(job.folder).source_path == far.source_path


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "not a job folder"),
        ("", "damaged"),
        ('{"schema": 1, "cl', "damaged"),
        ("[]", "not vidstyle's"),
        (f'{{"schema": {jobs.SCHEMA}}}', "missing required field"),
        ('{"schema": 99}', "another version"),
        (f'{{"schema": {jobs.SCHEMA - 1}}}', "another version"),
    ],
)
def test_a_file_that_is_no_job_is_an_input_error(tmp_path: Path, text: str | None, says: str) -> None:
    if text is not None:
        (tmp_path / "job.json").write_text(text)
    with pytest.raises(InputError, match=says):
        jobs.load(tmp_path)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("styles", 0, "weight"), -1),
        (("styles", 0, "weight"), 1e308),
        (("styles", 0, "weight"), "1+2j"),
        (("styles", 0, "weight"), [1, 2]),
        (("settings", "objective", "style_weight"), -5),
        (("settings", "objective", "content_weight"), "1j"),
        (("settings", "objective", "tv_weight"), True),
        (("settings", "objective", "temporal_weight"), -0.5),
    ],
)
def test_a_weight_that_is_none_is_refused(job: Job, place: tuple[str | int, ...], value: object) -> None:
    jobs.save(job)
    path = job.folder / "job.json"
    inner = values = json.loads(path.read_text())
    for key in place[:-1]:
        inner = inner[key]
    assert place[-1] in inner
    inner[place[-1]] = value
    path.write_text(json.dumps(values))
    with pytest.raises(InputError, match="weight"):
        jobs.load(job.folder)


def test_differences_name_old_and_new() -> None:
    old = jobs.identity("f", [("a" * 64, 1.0, "")], (64, 32), "1-5", "auto", Settings().replace(style_weight=5))
    changed = Settings().replace(style_weight=8, content_layers=("relu3_1", "relu4_2"))
    new = jobs.identity("f", [("a" * 64, 1.0, ""), ("b" * 64, 1.0, "")], (32, 16), "1-5", "auto", changed)
    assert jobs.differences(old, new) == [
        "style_weight: 5.0 → 8.0",
        "content_layers: relu4_2 → relu3_1, relu4_2",
        f"style: {'a' * 12} × 1 → {'a' * 12} × 0.5, {'b' * 12} × 0.5",
        "size: 64×32 → 32×16",
    ]


def test_identity_leaves_out_the_machine_and_the_encoder() -> None:
    changed = Settings().replace(threads=3, precision="float32", device="cpu", crf=30)
    same = [jobs.identity("f", [("a", 3.0, "")], (64, 32), "1-5", "none", s) for s in (Settings(), changed)]
    assert jobs.differences(*same) == []
