"""A shot that shows what an earlier one showed begins with its paint; the bytes are the same whoever paints it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.runs import QUICK, plan
from tests.helpers.synthetic import make_scene
from vidstyle.errors import InputError
from vidstyle.generators import finish
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder.cleanup import remove
from vidstyle.jobs.folder.files import make_folder
from vidstyle.jobs.folder.frames import frame_path, read_record
from vidstyle.jobs.folder.job import RETURNED, Job
from vidstyle.jobs.folder.lease import acquire
from vidstyle.media.images.stills import read_image, write_image
from vidstyle.render.task import render_shots
from vidstyle.settings import Settings, StyleImage

SETTINGS = QUICK.replace(first_frame_steps=4, max_inbetweens=2)
CUTS = "5\n9\n14\n"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shot and counter-shot: of two places, in turn."""
    folder = tmp_path_factory.mktemp("film")
    places = [make_scene(10, (96, 160), seed=seed, shift=(0.5, 0.2)).images for seed in (3, 40)]
    shots = places[0][:4], places[1][:4], places[0][4:9], places[1][4:7]
    for number, image in enumerate((image for shot in shots for image in shot), 1):
        write_image(folder / f"{number:04d}.png", image)
    (folder / "cuts.txt").write_text(CUTS)
    return folder


def planned(film: Path, style: StyleImage, folder: Path, settings: Settings = SETTINGS) -> Job:
    settings = settings.replace(cuts=str(film / "cuts.txt"))
    return plan(film, [style], folder / "out.mkv", settings, work_dir=folder / "job")


def frames(job: Job) -> list[bytes]:
    return [frame_path(job, shot, index).read_bytes() for shot in job.shots for index in shot.frames]


@pytest.fixture(scope="module")
def painted(film: Path, style: StyleImage, tmp_path_factory: pytest.TempPathFactory) -> Job:
    job = planned(film, style, tmp_path_factory.mktemp("painted"))
    list(render_shots(job, job.shots))
    return job


def test_a_shot_returns_to_the_place_that_it_shows(painted: Job) -> None:
    assert [shot.returns for shot in painted.shots] == [None, None, 1, 2]
    assert jobs.load(painted.folder).shots == painted.shots
    assert any("shots 3-4 show what an earlier shot showed" in note for note in painted.notes)


def test_its_first_frame_is_painted_from_the_earlier_one(painted: Job) -> None:
    kinds = [read_record(painted, shot, shot.start) for shot in painted.shots]
    assert [record and record.kind for record in kinds] == ["first", "first", "returned", "returned"]
    assert [record and record.made_from for record in kinds] == [(), (), (1,), (5,)]


def test_it_looks_like_it_and_painted_anew_it_does_not(
    film: Path, style: StyleImage, tmp_path: Path, painted: Job
) -> None:
    anew = planned(film, style, tmp_path, SETTINGS.replace(returns="none"))
    assert [shot.returns for shot in anew.shots] == [None] * 4
    list(render_shots(anew, [anew.shots[2]]))
    evaluations = []
    for job in (painted, anew):
        path = frame_path(job, job.shots[2], job.shots[2].start).with_suffix(".json")
        evaluations.append(json.loads(path.read_text())["evaluations"])
    assert evaluations[0] < evaluations[1]


@pytest.mark.slow
def test_shots_in_any_order_come_to_the_same_bytes(film: Path, style: StyleImage, tmp_path: Path, painted: Job) -> None:
    job = planned(film, style, tmp_path)
    for number in (4, 3, 2, 1):  # nobody has painted what the first two of them begin with
        list(render_shots(job, [job.shots[number - 1]]))
    assert frames(job) == frames(painted)


def test_what_was_kept_and_is_lost_or_damaged_is_painted_once_more(
    film: Path, style: StyleImage, tmp_path: Path, painted: Job
) -> None:
    job = planned(film, style, tmp_path)
    list(render_shots(job, job.shots[:2]))
    for shot in job.shots[:2]:
        (kept,) = (job.shot_folder(shot) / RETURNED).iterdir()
        kept.write_bytes(kept.read_bytes()[:-40]) if shot.number == 1 else kept.unlink()
    list(render_shots(job, job.shots[2:]))
    assert frames(job) == frames(painted)


def test_a_shot_that_another_process_paints_is_waited_for(
    film: Path, style: StyleImage, tmp_path: Path, painted: Job
) -> None:
    job = planned(film, style, tmp_path)
    lease = finish(acquire(make_folder(job.shot_folder(job.shots[0]) / "frames").parent))
    run = render_shots(job, [job.shots[2]])
    waited = [news for news in (next(run) for _ in range(4)) if news.kind == "wait"]
    assert waited[0].message == "shot 3 waits for the first frame of shot 1, whose paint it begins with"
    assert not any(news.message for news in waited[1:])
    lease.release("stopped")
    list(run)
    assert [frame_path(job, job.shots[2], index).read_bytes() for index in job.shots[2].frames] == [
        frame_path(painted, painted.shots[2], index).read_bytes() for index in painted.shots[2].frames
    ]


@pytest.mark.slow
def test_killed_at_any_time_it_comes_to_the_same_bytes(
    film: Path, style: StyleImage, tmp_path: Path, painted: Job
) -> None:
    job = planned(film, style, tmp_path)
    code = (
        "import sys; from pathlib import Path; from vidstyle.jobs.folder import job as jobs\n"
        "from vidstyle.render.task import render_shots\n"
        "job = jobs.load(Path(sys.argv[1]))\n"
        "for news in render_shots(job, job.shots): print(news.kind, flush=True)\n"
    )
    for count in (3, 9, 20, 30):
        with subprocess.Popen([sys.executable, "-c", code, str(job.folder)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(count):
                process.stdout.readline()
            process.kill()
    list(render_shots(job, job.shots))
    assert frames(job) == frames(painted)


def test_a_job_takes_with_it_what_it_kept(film: Path, style: StyleImage, tmp_path: Path) -> None:
    job = planned(film, style, tmp_path)
    list(render_shots(job, job.shots[:1]))
    assert len(list((job.shot_folder(job.shots[0]) / RETURNED).iterdir())) == 1
    remove(job)
    assert not job.folder.exists()


def test_a_job_that_returns_to_a_later_shot_is_damaged(film: Path, style: StyleImage, tmp_path: Path) -> None:
    job = planned(film, style, tmp_path)
    path = job.folder / "job.json"
    path.write_text(path.read_text().replace('"returns": 1', '"returns": 3'))
    with pytest.raises(InputError, match="shot 3 returns to no earlier one"):
        jobs.load(job.folder)


@pytest.mark.parametrize("changes", [{"objective": "ruder2016"}, {"flow": "none", "max_inbetweens": 0}])
def test_where_nothing_is_carried_no_shot_returns(
    film: Path, style: StyleImage, tmp_path: Path, changes: dict[str, object]
) -> None:
    job = planned(film, style, tmp_path, SETTINGS.replace(**changes))
    assert [shot.returns for shot in job.shots] == [None] * 4


def test_the_two_halves_of_a_place_are_alike(film: Path, painted: Job) -> None:
    first, again = (
        read_image(frame_path(painted, painted.shots[place], painted.shots[place].start)) for place in (0, 2)
    )
    assert np.abs(first.mean((0, 1)) - again.mean((0, 1))).max() < 0.02
