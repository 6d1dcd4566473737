"""A whole clip: what comes out, and that nothing that happens on the way changes it."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vidstyle.errors import DependencyError, InputError, OutputError, StoppedAtCheckpoint, StorageError, UsageError
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.progress import Progress
from vidstyle.media.images.stills import read_image, write_image
from vidstyle.media.probe.probe import probe
from vidstyle.render.recurrence import state
from vidstyle.render.video import stylize_video
from vidstyle.settings import Settings, StyleImage

Frames = dict[str, bytes]


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory, clip: Path, style: StyleImage) -> Frames:
    """The frames of an uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole")
    list(stylize_video(clip, [style], folder / "out.mp4", quick(cuts_file(folder)), keep=True))
    return frames_in(folder)


@pytest.fixture
def cuts(tmp_path: Path) -> str:
    return cuts_file(tmp_path)


def cuts_file(folder: Path) -> str:
    path = folder / "cuts.txt"
    path.write_text("8\n")
    return str(path)


def quick(cuts: str, **changes: object) -> Settings:
    return Settings().replace(
        **{
            "steps": 2,
            "first_frame_steps": 2,
            "content_layers": ("relu2_1",),
            "style_layers": ("relu1_1", "relu2_1"),
            "temporal_frames": (1, 2),
            "max_inbetweens": 0,
            "threads": 1,
            "device": "cpu",
            "precision": "float32",
            "cuts": cuts,
        }
        | changes
    )


def frames_in(folder: Path) -> Frames:
    """The frame files of the job beside ``out.mp4``, by their place."""
    job = folder / "out.mp4.vidstyle"
    return {str(path.relative_to(job)): path.read_bytes() for path in sorted(job.rglob("frames/*.png"))}


def take(run: Iterator[Progress], kind: str, count: int) -> list[Progress]:
    """Progress up to the `count`-th of its kind."""
    taken: list[Progress] = []
    while sum(progress.kind == kind for progress in taken) < count:
        taken.append(next(run))
    return taken


@pytest.mark.slow
def test_what_comes_out_has_the_clips_frames_times_and_sound(
    tmp_path: Path, clip: Path, style: StyleImage, cuts: str, whole: Frames
) -> None:
    told = list(stylize_video(str(clip), [str(style.path)], str(tmp_path / "out.mp4"), quick(cuts)))
    source, result = probe(clip), probe(tmp_path / "out.mp4")
    assert [pts * result.time_base for pts in result.pts] == [pts * source.time_base for pts in source.pts]
    assert (result.width, result.height, result.frame_rate) == (48, 32, source.frame_rate)
    assert [stream.kind for stream in result.streams] == ["audio"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cuts.txt", "out.mp4"]
    assert len(whole) == 12

    assert told[0].kind == "plan" and "12 frames" in told[0].message
    assert told[-1].kind == "done" and told[-1].output == tmp_path / "out.mp4"
    painted = [progress for progress in told if progress.kind == "frame"]
    assert [progress.frame for progress in painted] == list(range(1, 13))
    assert [progress.shot for progress in painted] == [1] * 7 + [2] * 5
    assert [progress.frames_done for progress in painted] == list(range(1, 13))
    assert all(progress.seconds_left is not None for progress in told[3:] if progress.kind == "evaluation")
    assert (painted[-1].seconds_left or 0) > 0  # the film is to be written
    assert all(json.loads(json.dumps(progress.to_dict()))["type"] == progress.kind for progress in told)


@pytest.mark.slow
def test_stopped_anywhere_it_goes_on_to_the_same_bytes(
    tmp_path: Path, clip: Path, style: StyleImage, cuts: str, whole: Frames
) -> None:
    settings = quick(cuts)
    for stop in (1, 2, 3, 7, 9, 4, 12):
        run = stylize_video(clip, [style], tmp_path / "out.mp4", settings, keep=True)
        for _ in range(stop):
            next(run)
        run.close()
        assert not list(tmp_path.glob("*.mp4"))
    told = list(stylize_video(clip, [style], tmp_path / "out.mp4", settings, keep=True))
    resumed = [progress for progress in told if progress.kind == "resume"]
    assert len(resumed) == 1 and f"{resumed[0].frames_done} of 12 frames" in resumed[0].message
    first = next(progress for progress in told if progress.kind == "frame")
    assert first.frame == resumed[0].frames_done + 1
    assert (first.run_done, first.run_total) == (1, 12 - resumed[0].frames_done)
    assert frames_in(tmp_path) == whole


@pytest.mark.slow
def test_frames_since_the_last_checkpoint_are_painted_again_to_the_same_bytes(
    tmp_path: Path, clip: Path, style: StyleImage, cuts: str, whole: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "SHARE", 0.0)  # none is cheap enough after the first
    run = stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts), keep=True)
    take(run, "frame", 5)
    with pytest.raises(KeyboardInterrupt):
        run.throw(KeyboardInterrupt)
    states = tmp_path / "out.mp4.vidstyle" / "shots" / "0001" / "state"
    assert [path.name for path in states.iterdir()] == ["000001.npz"]
    run = stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts), keep=True)
    assert [progress.frame for progress in take(run, "frame", 4) if progress.kind == "frame"] == [2, 3, 4, 5]
    run.close()  # a graceful stop keeps what was reached
    assert [path.name for path in states.iterdir()] == ["000005.npz"]
    list(stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts), keep=True))
    assert frames_in(tmp_path) == whole


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("damage", [cut_short, emptied, one_bit, Path.unlink])
@pytest.mark.parametrize("finished", [False, True])
def test_damaged_files_are_made_again(
    tmp_path: Path,
    clip: Path,
    style: StyleImage,
    cuts: str,
    whole: Frames,
    damage: Callable[[Path], None],
    finished: bool,
) -> None:
    run = stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts), keep=True)
    take(run, "assemble" if finished else "frame", 1 if finished else 10)
    run.close()
    folder = tmp_path / "out.mp4.vidstyle"
    damage(folder / "shots/0001/frames/000003.png")
    damage(folder / "shots/0001/frames/000005.json")
    damage(folder / "shots/0002/frames/000009.png")
    damage(folder / "shots/0002/lease.json")
    damage(folder / "styles/1-noise.png")
    damage(folder / ("shots/0002/done.json" if finished else "shots/0002/state/000010.npz"))
    damage(folder / "job.json") if damage is not one_bit else None
    list(stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts), keep=True))
    assert frames_in(tmp_path) == whole
    assert len(probe(tmp_path / "out.mp4").pts) == 12


@pytest.mark.slow
def test_changed_settings_are_named_and_restart_starts_over(
    tmp_path: Path, clip: Path, style: StyleImage, cuts: str
) -> None:
    out = tmp_path / "out.mp4"
    run = stylize_video(clip, [style], out, quick(cuts))
    take(run, "frame", 3)
    run.close()
    (tmp_path / "cuts.txt").write_text("5\n8 # the same cut, and one more\n")
    changed = quick(cuts, style_weight=77, size=40, frames="1-10")
    with pytest.raises(UsageError) as error:
        next(stylize_video(clip, [style], out, changed))
    for line in ("→ 77.0", "size: 48×32 → 40×27", "frames: 1-12 → 1-10", "cuts: 8 → 5, 8", "--restart"):
        assert line in str(error.value)
    assert "temporal" not in str(error.value)
    told = list(stylize_video(clip, [style], out, changed, restart=True))
    assert [progress.frame for progress in told if progress.kind == "frame"] == list(range(1, 11))
    assert not any(progress.kind == "resume" for progress in told)
    assert (probe(out).width, probe(out).height) == (40, 27)


def test_another_clip_or_style_under_the_same_name_is_noticed(
    tmp_path: Path, clip: Path, style: StyleImage, cuts: str, make_clip: Callable[..., None]
) -> None:
    own_clip, own_style = tmp_path / "clip.mp4", tmp_path / "style.png"
    shutil.copy(clip, own_clip)
    shutil.copy(style.path, own_style)
    run = stylize_video(own_clip, [own_style], tmp_path / "out.mp4", quick(cuts))
    take(run, "frame", 1)
    run.close()
    make_clip(own_clip, "testsrc=s=48x32:r=12:d=1")
    one_bit_brighter(own_style)
    with pytest.raises(UsageError, match=r"(?s)clip: .*style: "):
        next(stylize_video(own_clip, [own_style], tmp_path / "out.mp4", quick(cuts)))


def one_bit_brighter(path: Path) -> None:
    write_image(path, read_image(path) + 1 / 255)


@pytest.mark.slow
def test_encoder_and_machine_may_change_in_between(
    tmp_path: Path, clip: Path, style: StyleImage, cuts: str, whole: Frames
) -> None:
    run = stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts), work_dir=tmp_path / "out.mp4.vidstyle")
    take(run, "frame", 3)
    run.close()
    out = tmp_path / "other.mkv"
    changed = quick(cuts, crf=40, threads=1)
    list(stylize_video(clip, [style], out, changed, work_dir=tmp_path / "out.mp4.vidstyle", keep=True))
    assert frames_in(tmp_path) == whole
    assert len(probe(out).pts) == 12


@pytest.mark.slow
def test_a_second_run_of_the_same_job_is_refused(tmp_path: Path, clip: Path, style: StyleImage, cuts: str) -> None:
    run = stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts))
    take(run, "evaluation", 1)
    for restart in (False, True):
        with pytest.raises(StoppedAtCheckpoint, match=r"process .* on "):
            list(stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts), restart=restart))
    assert len(list(run)) > 11


@pytest.mark.slow
@pytest.mark.parametrize(
    ("choice", "frames"),
    [
        ({"frames": "3-9"}, range(3, 10)),
        ({"frames": "10-"}, range(10, 13)),
        ({"frames": "4"}, range(4, 5)),
        ({"limit": "0.25s"}, range(1, 4)),
        ({"frames": "3-9", "limit": "2f"}, range(3, 5)),
        ({"limit": "1ms"}, range(1, 2)),
    ],
)
def test_a_part_of_the_clip(
    tmp_path: Path, clip: Path, style: StyleImage, cuts: str, choice: dict[str, str], frames: range
) -> None:
    told = list(stylize_video(clip, [style], tmp_path / "out.mkv", quick(cuts, **choice)))
    assert [progress.frame for progress in told if progress.kind == "frame"] == list(frames)
    assert len(probe(tmp_path / "out.mkv").pts) == len(frames)


@pytest.mark.slow
def test_every_frame_a_shot_of_its_own(tmp_path: Path, clip: Path, style: StyleImage, cuts: str) -> None:
    Path(cuts).write_text("".join(f"{number}\n" for number in range(1, 13)))
    told = list(stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts)))
    assert [progress.shot for progress in told if progress.kind == "frame"] == list(range(1, 13))
    assert len(probe(tmp_path / "out.mp4").pts) == 12


def test_without_flow(tmp_path: Path, clip: Path, style: StyleImage, cuts: str) -> None:
    list(stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts, flow="none", limit="3f")))
    assert len(probe(tmp_path / "out.mp4").pts) == 3


@pytest.mark.slow
def test_numbered_pictures_in_and_out(tmp_path: Path, clip: Path, style: StyleImage, cuts: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    list(stylize_video(clip, [style], tmp_path / "in" / "a%d.png", quick(cuts, frames="2-12")))
    list(stylize_video(tmp_path / "in", [style], tmp_path / "out" / "%03d.png", quick("none")))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"{n:03d}.png" for n in range(2, 13)]


def failing_commands(tmp_path: Path, clip: Path, style: StyleImage) -> Iterator[tuple[type[Exception], str, dict]]:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "mine").touch()
    yield InputError, "empty", {"clip": tmp_path / "empty.mp4"}
    yield InputError, "nowhere", {"clip": tmp_path / "nowhere.mp4"}
    yield UsageError, "picture", {"clip": style.path}
    yield InputError, "text.png", {"styles": [tmp_path / "text.png"]}
    yield UsageError, "no style", {"styles": []}
    yield OutputError, "no folder", {"output": tmp_path / "no" / "out.mp4"}
    yield OutputError, "the clip itself", {"output": clip, "overwrite": True, "work_dir": tmp_path / "w"}
    numbered, output = tmp_path / "0003.png", tmp_path / "%04d.png"
    shutil.copy(style.path, numbered)
    (tmp_path / "0004.png").write_text("8\n")
    yield OutputError, "0003.png' is one", {"styles": [numbered], "output": output, "overwrite": True}
    cuts = {"settings": quick(str(tmp_path / "0004.png"))}
    yield OutputError, "0004.png' is one", {"output": output, "overwrite": True, **cuts}
    yield OutputError, "other files", {"work_dir": tmp_path / "files"}
    yield OutputError, "is a file", {"work_dir": tmp_path / "empty.mp4"}
    yield UsageError, "no layer", {"settings": quick("none", style_layers=("relu9_1",))}
    yield UsageError, "only 12 frames", {"settings": quick("none", frames="13-")}
    yield InputError, "no such file", {"settings": quick("somewhere.txt")}
    yield UsageError, "weights", {"settings": quick("none", network_weights="somewhere")}
    yield DependencyError, "device", {"settings": quick("none", device="cuda:99")}


@pytest.mark.slow
def test_a_command_that_cannot_work_says_why_and_leaves_nothing(tmp_path: Path, clip: Path, style: StyleImage) -> None:
    for kind, says, changes in failing_commands(tmp_path, clip, style):
        before = sorted(tmp_path.rglob("*"))
        arguments = {
            "clip": clip,
            "styles": [style],
            "output": tmp_path / "out.mp4",
            "settings": quick("none"),
        } | changes
        with pytest.raises(kind, match=says):
            list(stylize_video(**arguments))
        assert sorted(tmp_path.rglob("*")) == before, says


def test_names_need_not_be_utf_8(tmp_path: Path, clip: Path, style: StyleImage) -> None:
    here = tmp_path / os.fsdecode(b"caf\xe9")
    here.mkdir()
    own_clip, own_style = here / os.fsdecode(b"\xff.mp4"), here / os.fsdecode(b"\xfe.png")
    shutil.copy(clip, own_clip)
    shutil.copy(style.path, own_style)
    out = here / os.fsdecode(b"\xfd.mp4")
    list(stylize_video(own_clip, [own_style], out, quick("none", limit="1f"), keep=True))
    assert [stream.kind for stream in probe(out).streams] == ["audio"]
    job = jobs.load(out.with_name(f"{out.name}.vidstyle"))
    assert (job.source_path, job.output) == (own_clip, out)


def test_an_empty_name_is_not_the_current_folder(
    tmp_path: Path, clip: Path, style: StyleImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(style.path, tmp_path)
    for arguments in (("", [style], "out.mp4"), (clip, [""], "out.mp4"), (clip, [style], "")):
        with pytest.raises(UsageError, match="empty"):
            next(stylize_video(*arguments, quick("none")))


def test_an_output_that_is_there_is_kept_unless_it_may_be_replaced(
    tmp_path: Path, clip: Path, style: StyleImage
) -> None:
    out = tmp_path / "out.mp4"
    out.write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        next(stylize_video(clip, [style], out, quick("none", limit="1f")))
    assert out.read_text() == "mine"
    (tmp_path / "broken.mp4").write_text("no clip")
    with pytest.raises(OutputError, match="exists already"):  # before anything is looked at
        next(stylize_video(tmp_path / "broken.mp4", [style], out, quick("none")))
    list(stylize_video(clip, [style], out, quick("none", limit="1f"), overwrite=True))
    assert len(probe(out).pts) == 1


def test_killed_after_the_output_was_renamed_it_only_cleans_up(tmp_path: Path, clip: Path, style: StyleImage) -> None:
    settings = quick("none", limit="2f")
    list(stylize_video(clip, [style], tmp_path / "out.mp4", settings, keep=True))
    written = (tmp_path / "out.mp4").stat().st_mtime_ns
    folder = tmp_path / "out.mp4.vidstyle"
    said = {"job": jobs.load(folder).digest, "output": str(tmp_path / "out.mp4"), "existed": False}
    (folder / "assembling.json").write_text(json.dumps(said))
    shutil.rmtree(folder / "shots" / "0001" / "frames")  # nor does it paint again what is tidied up already
    told = list(stylize_video(clip, [style], tmp_path / "out.mp4", settings))
    assert [progress.kind for progress in told] == ["plan", "done"]
    assert (tmp_path / "out.mp4").stat().st_mtime_ns == written
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_a_kept_job_says_that_the_output_exists(tmp_path: Path, clip: Path, style: StyleImage) -> None:
    settings = quick("none", limit="1f")
    list(stylize_video(clip, [style], tmp_path / "out.mp4", settings, keep=True))
    with pytest.raises(OutputError, match="exists already"):
        next(stylize_video(clip, [style], tmp_path / "out.mp4", settings, keep=True))


@pytest.mark.slow
@pytest.mark.parametrize("write", [2, 4, 7, 11, 18, 29, 39])
def test_a_disk_that_fills_up_loses_nothing(
    tmp_path: Path,
    clip: Path,
    style: StyleImage,
    cuts: str,
    whole: Frames,
    monkeypatch: pytest.MonkeyPatch,
    write: int,
) -> None:
    flush, left = os.fsync, write

    def full(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="disk is full"):
        list(stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts), keep=True))
    assert not (tmp_path / "out.mp4").exists()
    monkeypatch.setattr(os, "fsync", flush)
    list(stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts), keep=True))
    assert frames_in(tmp_path) == whole


@pytest.mark.slow
def test_an_exception_in_the_callers_loop_leaves_a_job_that_goes_on(
    tmp_path: Path, clip: Path, style: StyleImage, cuts: str, whole: Frames
) -> None:
    with contextlib.suppress(ZeroDivisionError):
        for progress in stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts)):
            1 / (progress.frame - 4)
    list(stylize_video(clip, [style], tmp_path / "out.mp4", quick(cuts), keep=True))
    assert frames_in(tmp_path) == whole


def test_what_can_t_be_written_is_found_before_anything_is_painted(
    tmp_path: Path, clip: Path, style: StyleImage, cuts: str
) -> None:
    for changes, words in (({"audio": "copy"}, "won't take the aac"), ({"codec": "prores"}, "can't hold it")):
        with pytest.raises((OutputError, UsageError), match=words):
            next(stylize_video(clip, [style], tmp_path / "out.webm", quick(cuts, **changes)))
    assert [path.name for path in tmp_path.iterdir()] == ["cuts.txt"]
