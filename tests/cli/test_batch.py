"""A batch in a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from vidstyle.cli.batch import overlay, read_batch
from vidstyle.cli.config import Layer
from vidstyle.errors import UsageError
from vidstyle.jobs.folder.job import load
from vidstyle.settings import Keys

NIGHT = """
jobs = "tonight"
output = "finished"

[defaults]
preset = "draft"
size = 32
style = "noise.png"

[[paint]]
clips = ["rushes/*.mp4", "clip.mp4"]

[[paint]]
clips = "clip.mp4"
styles = ["photo.jpg", ["noise.png:2", "photo.jpg"]]
settings = {steps = 3}
[paint.variants.bold]
style_weight = 30
[paint.variants.calm]
style_weight = 5

[[override]]
clips = "rushes/b*"
size = 48
"""


@pytest.fixture
def night(inputs: Path) -> Path:
    """A folder with two rushes, a clip, and a file that names them."""
    (inputs / "rushes").mkdir()
    for name in ("b.mp4", "a.mp4", "notes.txt"):
        (inputs / "rushes" / name).write_bytes((inputs / "clip.mp4").read_bytes())
    path = inputs / "night.toml"
    path.write_text(NIGHT)
    return path


def test_clips_times_styles_times_variants(night: Path) -> None:
    found = read_batch(night)
    names = [entry.name for entry in found.entries]
    assert names[:3] == ["a.noise", "b.noise", "clip.noise"]
    assert names[3:] == ["clip.photo.bold", "clip.photo.calm", "clip.noise+photo.bold", "clip.noise+photo.calm"]
    assert (found.folder, found.output) == (night.parent / "tonight", night.parent / "finished")
    layers = {entry.name: entry.layer for entry in found.entries}
    assert all(layer.preset == "draft" for layer in layers.values())
    assert [layers[name].settings["size"] for name in ("a.noise", "b.noise")] == [32, 48]
    assert dict(layers["clip.photo.calm"].settings) == {"size": 32, "steps": 3, "style_weight": 5}
    blended = layers["clip.noise+photo.bold"].styles
    assert blended is not None and [style.weight for style in blended] == [2.0, 1.0]
    assert layers["a.noise"].output == str(night.parent / "finished" / "a.noise.mp4")


def test_a_flag_precedes_the_batch_file() -> None:
    below = Layer("file", {"steps": 3, "size": 32}, "draft", None, "a.mp4")
    both = overlay(below, Layer("flags", {"steps": 5}, None, None, None))
    assert (dict(both.settings), both.preset, both.output) == ({"steps": 5, "size": 32}, "draft", "a.mp4")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('clips = "clip.mp4"', 'clips = "nothing*"'), "nothing is named 'nothing\\*'"),
        (("[[paint]]", "[[paintings]]"), "unknown field `paintings`|missing required field `paint`"),
        (("size = 48", "sise = 48"), "did you mean 'size'"),
        (("steps = 3", "steps = "), "not valid TOML"),
        (('clips = "clip.mp4"', "clips = 3"), r"paint\[1\]\.clips: expected"),
        (("steps = 3", "steps = " + "[" * 100_000), "nested too deep"),
        (("[[override]]", "[override]"), "override: expected"),
        (("steps = 3", "seed = " + "9" * 5000), "not valid TOML"),
        (("steps = 3", 'ffmpeg = "./evil"'), "ffmpeg may not stand here"),
    ],
)
def test_a_mistake_in_a_batch_file_is_named(night: Path, change: tuple[str, str], complaint: str) -> None:
    assert change[0] in NIGHT
    night.write_text(NIGHT.replace(*change))
    with pytest.raises(UsageError, match=complaint) as caught:
        read_batch(night)
    assert str(night) in str(caught.value)


def test_two_outputs_of_one_name_are_refused(night: Path) -> None:
    night.write_text('[defaults]\nstyle = "noise.png"\n[[paint]]\nclips = "clip.mp4"\n[[paint]]\nclips = "clip.mp4"\n')
    with pytest.raises(UsageError, match=r"two results would be named 'clip\.noise\.mp4'"):
        read_batch(night)


@pytest.mark.slow
def test_a_broken_clip_in_a_batch_stops_no_other(night: Path, run: Callable[..., Result]) -> None:
    (night.parent / "rushes" / "c.mp4").write_text("no clip")
    result = run("plan", "--batch", night, "--json")
    assert result.exit_code == 65
    jobs = [Path(json.loads(line)["job"]) for line in result.stdout.splitlines()]
    assert len(jobs) == 7
    assert {job.parent for job in jobs} == {night.parent / "tonight"}
    assert "c.noise" in result.stderr and f"7 new, 1 failed: {night.parent / 'tonight'}" in result.stderr
    status = run("status", night.parent / "tonight")
    assert status.exit_code == 0 and status.stderr.count("waiting") == 14
    again = run("submit", night.parent / "tonight", "--to", "local", "--dry-run")
    assert again.stdout.count("assemble") == 7


@pytest.mark.slow
def test_keys_of_a_file_beside_it_are_planned_and_a_variant_has_its_own(
    inputs: Path, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    (inputs / "ramp.toml").write_text('strength = "0@1,1@4"\n[styles]\n"noise.png" = "1@1,0@4"\n')
    (inputs / "weights.toml").write_text('style_weight = "5@1,20@4"\n')
    (inputs / "night.toml").write_text(
        '[defaults]\nsize = 32\nkeys = "ramp.toml"\n[[paint]]\nclips = "clip.mp4"\n'
        'styles = [["noise.png", "photo.jpg"]]\n'
        '[paint.variants.one]\n[paint.variants.two]\nkeys = "weights.toml"\nstrength = 0.5\n'
    )
    (inputs / "elsewhere").mkdir()
    monkeypatch.chdir(inputs / "elsewhere")
    assert run("plan", "--batch", "../night.toml").exit_code == 0
    one, two = (load(inputs / "night" / f"clip.noise+photo.{name}.vidstyle") for name in ("one", "two"))
    assert (one.settings.media.strength, two.settings.media.strength) == (Keys({1: 0, 4: 1}), 0.5)
    assert (one.settings.objective.style_weight, two.settings.objective.style_weight) == (20.0, Keys({1: 5, 4: 20}))
    assert all([style.weight for style in job.styles] == [Keys({1: 1, 4: 0}), 1.0] for job in (one, two))
    (inputs / "ramp.toml").write_text('strenght = "0@1,1@4"\n')
    assert "did you mean 'strength'" in run("plan", "--batch", "../night.toml").stderr


@pytest.mark.slow
def test_planning_again_updates_the_job(inputs: Path, run: Callable[..., Result]) -> None:
    words = ("plan", "clip.mp4", "--style", "noise.png")
    assert run(*words, "-o", "out.mp4", "--job", "job").exit_code == 0
    assert not (inputs / "out.mp4").exists() and not (inputs / "job" / "shots").exists()
    assert run(*words, "-o", "other.mp4", "--job", "job").exit_code == 0
    job = json.loads((inputs / "job" / "job.json").read_text())
    assert job["output"]["path"] == "../other.mp4" and job["clip"]["path"] == "../clip.mp4"
    other = run(*words, "-o", "out.mp4", "--job", "job", "--steps", "9")
    assert other.exit_code == 2 and "steps" in other.stderr
    assert run("plan", "--job", "job").exit_code == 2
    assert run("plan", "clip.mp4", "--batch", "x.toml").exit_code == 2


@pytest.mark.slow
def test_a_night_that_is_planned_again_in_the_morning(inputs: Path, run: Callable[..., Result]) -> None:
    for place in ("one", "two"):
        (inputs / place).mkdir()
        (inputs / place / "clip.mp4").write_bytes((inputs / "clip.mp4").read_bytes())
    night = inputs / "night.toml"
    night.write_text('[defaults]\nstyle = "noise.png"\n[[paint]]\nclips = ["*/clip.mp4", "photo.jpg"]\n')
    first = run("plan", "--batch", night)
    assert first.exit_code == 0, first.stderr
    assert f"3 new: {inputs / 'night'}" in first.stderr
    assert "For all of them, " in first.stderr
    assert "one-clip.noise: clip.mp4: 4 frames" in first.stderr  # said of which clip
    assert "photo.noise: photo.jpg" in first.stderr
    folders = sorted(path.name for path in (inputs / "night").iterdir())
    assert folders == ["one-clip.noise.vidstyle", "photo.noise.vidstyle", "two-clip.noise.vidstyle"]
    (inputs / "one" / "clip.noise.mp4").write_bytes(b"painted")  # and its job folder is gone
    shutil.rmtree(inputs / "night" / "one-clip.noise.vidstyle")
    with night.open("a") as file:
        file.write('[[paint]]\nclips = "clip.mp4"\n')
    again = run("plan", "--batch", night, "--json")
    assert again.exit_code == 0, again.stderr
    assert "1 done, 2 planned before, 1 new: " in again.stderr
    done = [value["output"] for value in map(json.loads, again.stdout.splitlines()) if value["type"] == "done"]
    assert done == [str(inputs / "one" / "clip.noise.mp4")]
