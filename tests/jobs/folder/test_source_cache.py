"""A clip is looked at once: nothing of a job goes through all of it again while it is the same file."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.helpers import runs
from tests.helpers.runs import plan
from vidstyle.errors import InputError
from vidstyle.jobs import plan as planning
from vidstyle.jobs.folder import frames, source_cache
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder.job import Job
from vidstyle.media.source import Source
from vidstyle.render.assemble import assemble
from vidstyle.render.task import render_shots
from vidstyle.settings import MediaSettings, StyleImage

SETTINGS = runs.QUICK.replace(steps=1, first_frame_steps=1, max_inbetweens=0, max_shot_frames=5)


class Looks:
    """Counts how often clips are looked through."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.probed = self.hashed = 0
        probe, fingerprint = source_cache.probe, source_cache.fingerprint_of

        def count_probe(path: Path, asked: MediaSettings, *, glance: bool) -> object:
            self.probed += 1
            return probe(path, asked, glance=glance)

        def count_hash(path: Path, source: Source, frames: range) -> str:
            self.hashed += 1
            return fingerprint(path, source, frames)

        for module in (source_cache, planning):
            monkeypatch.setattr(module, "probe", count_probe)
            monkeypatch.setattr(module, "fingerprint_of", count_hash)

    @property
    def counts(self) -> tuple[int, int]:
        return self.probed, self.hashed


@pytest.fixture
def film(tmp_path: Path, clip: Path) -> Path:
    return Path(shutil.copy(clip, tmp_path / "film.mp4"))


@pytest.fixture
def make(tmp_path: Path, film: Path, style: StyleImage) -> Callable[[], Job]:
    return lambda: plan(film, [style], tmp_path / "out.mp4", SETTINGS)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    return Looks(monkeypatch)


@pytest.mark.slow
def test_a_job_looks_at_its_clip_once_from_plan_to_output(make: Callable[[], Job], looks: Looks) -> None:
    job = make()
    assert looks.counts == (1, 1)
    assert make() == job
    assert len(job.shots) > 2  # pieces, whose joints follow the clip's motion
    for shot in job.shots:
        list(render_shots(jobs.load(job.folder), [shot]))
    list(assemble(jobs.load(job.folder)))
    assert looks.counts == (1, 1)
    assert job.output.exists()


@pytest.mark.slow
def test_another_time_stamp_costs_one_hash(make: Callable[[], Job], film: Path, looks: Looks) -> None:
    job = make()
    found = source_cache.source_of(job)
    os.utime(film, ns=(0, film.stat().st_mtime_ns + 10**9))
    assert source_cache.source_of(job) == source_cache.source_of(job) == found
    assert looks.counts == (2, 2)


def test_a_copy_elsewhere_is_the_same_clip(make: Callable[[], Job], film: Path, tmp_path: Path, looks: Looks) -> None:
    job = make()
    moved = Path(shutil.copy2(film, tmp_path / "moved.mp4"))
    film.unlink()
    assert source_cache.source_of(dataclasses.replace(job, source_path=moved)).path == moved
    assert looks.counts == (1, 1)


def test_other_content_is_refused(make: Callable[[], Job], film: Path) -> None:
    job = make()
    film.write_bytes(film.read_bytes() + bytes(8))
    with pytest.raises(InputError, match="not the clip that the job in"):
        source_cache.source_of(job)
    film.unlink()
    with pytest.raises(InputError, match="there is no file"):
        source_cache.source_of(job)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "{", "[]", '{"stamp": 1}', None])
def test_a_damaged_cache_is_written_again(make: Callable[[], Job], looks: Looks, text: str | None) -> None:
    job = make()
    note, found = job.folder / source_cache.NAME, source_cache.source_of(job)
    before = note.read_bytes()
    if text is None:
        note.write_bytes(before.replace(b'"time_base"', b'"time_bose"'))
    else:
        note.write_text(text)
    assert source_cache.source_of(job) == found
    assert looks.counts == (2, 2)
    assert note.read_bytes() == before


@pytest.mark.slow
def test_the_cache_of_another_clip_is_not_used(
    make: Callable[[], Job], film: Path, tmp_path: Path, style: StyleImage, make_clip: Callable[..., None]
) -> None:
    job = make()
    make_clip(tmp_path / "other.mp4", "testsrc2=s=48x32:r=12,trim=end_frame=3")
    other = plan(tmp_path / "other.mp4", [style], tmp_path / "other.mkv", SETTINGS)
    shutil.copy(other.folder / source_cache.NAME, job.folder / source_cache.NAME)
    assert len(source_cache.source_of(job).pts) == 12


@pytest.mark.slow
def test_a_job_s_digest_is_computed_once(make: Callable[[], Job], monkeypatch: pytest.MonkeyPatch) -> None:
    job, counted = make(), []
    plain = jobs.digest
    monkeypatch.setattr(jobs, "digest", lambda identity: counted.append(1) or plain(identity))
    loaded = jobs.load(job.folder)
    list(render_shots(loaded, loaded.shots[:1]))
    assert len(counted) <= 1


@pytest.mark.slow
def test_resuming_reads_no_finished_frame(make: Callable[[], Job], monkeypatch: pytest.MonkeyPatch) -> None:
    job = make()
    shot = job.shots[0]
    run = render_shots(job, [shot])
    for progress in run:
        if progress.kind == "frame" and progress.frame == 3:
            break
    run.close()
    summed: list[int] = []
    checksum = frames.checksum
    monkeypatch.setattr(frames, "checksum", lambda data: summed.append(len(data)) or checksum(data))
    list(render_shots(job, [shot]))
    assert len(summed) == len(shot.frames) - 3  # those that it painted


def test_a_damaged_clip_is_planned_only_with_on_damage_paint(film: Path, tmp_path: Path, style: StyleImage) -> None:
    data = bytearray(film.read_bytes())
    with av.open(str(film)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    for packet in packets[3:9]:
        place = data.index(packet)
        data[place : place + len(packet)] = bytes(len(packet))
    film.write_bytes(data)
    output, styles = tmp_path / "out.mkv", [style]
    with pytest.raises(InputError, match=r"can't be decoded.*--on-damage paint"):
        plan(film, styles, output, SETTINGS)
    assert not (tmp_path / "out.mkv.vidstyle").exists()
    job = plan(film, styles, output, SETTINGS.replace(on_damage="paint"))
    assert any("the frame before is shown instead" in note for note in job.notes)
    assert source_cache.source_of(job).damaged
