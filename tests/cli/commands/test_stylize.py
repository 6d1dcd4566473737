import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from vidstyle.media.images.stills import read_image
from vidstyle.media.probe.probe import probe

Run = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[str]"]
STYLE = ("--style", "noise.png")
FAST = (
    *("--steps", "2", "--first-frame-steps", "2", "--threads", "1"),
    *("--content-layers", "relu2_1", "--style-layers", "relu1_1,relu2_1", "--crf", "30"),
)
"""Flags that paint a frame in a blink."""


def tree(folder: Path) -> dict[Path, bytes]:
    """Everything that is in a folder."""
    return {path: path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


@pytest.mark.slow
def test_a_clip_is_painted_and_nothing_else_left_behind(run: Run, inputs: Path) -> None:
    before = tree(inputs)
    result = run("clip.mp4", *STYLE, *FAST)
    assert result.exit_code == 0, result.stderr
    assert not result.stdout
    assert set(tree(inputs)) - set(before) == {inputs / "clip.noise.mp4"}
    clip, painted = probe(inputs / "clip.mp4"), probe(inputs / "clip.noise.mp4")
    assert (painted.width, painted.height, len(painted.pts)) == (clip.width, clip.height, len(clip.pts))
    assert [stream.kind for stream in painted.streams] == ["audio"]
    for word in ("clip.mp4: 4 frames", "48×32", "sound", "[4/4] frame 4", "clip.noise.mp4: "):
        assert word in result.stderr


def test_a_clip_becomes_numbered_pictures(run: Run, inputs: Path) -> None:
    (inputs / "out").mkdir()
    result = run("clip.mp4", *STYLE, *FAST, "-o", "out/x%04d.png")
    assert result.exit_code == 0, result.stderr
    assert [path.name for path in sorted((inputs / "out").iterdir())] == [f"x{n:04d}.png" for n in range(1, 5)]
    size = sum(path.stat().st_size for path in (inputs / "out").iterdir())
    assert f"out/x%04d.png: {size / 1000:.0f} kB, 4 frames" in result.stderr


def test_a_picture_is_painted(run: Run, inputs: Path) -> None:
    result = run("photo.jpg", *STYLE, *FAST, "--size", "40", "-o", "painted.webp")
    assert result.exit_code == 0, result.stderr
    assert read_image(inputs / "painted.webp").shape == (27, 40, 3)
    assert "--crf, --steps: no part" in result.stderr


def test_with_json_stdout_holds_nothing_else(run: Run, inputs: Path) -> None:
    result = run("clip.mp4", *STYLE, *FAST, "--limit", "2f", "--json", "--quiet")
    assert result.exit_code == 0
    assert not result.stderr
    values = [json.loads(line) for line in result.stdout.splitlines()]
    assert [value["frame"] for value in values if value["type"] == "frame"] == [1, 2]
    assert values[0]["type"] == "plan"
    assert values[-1]["type"] == "done"
    assert Path(values[-1]["output"]) == inputs / "clip.noise.mp4"


@pytest.mark.slow
@pytest.mark.parametrize("strength", ["0", "1"])
@pytest.mark.parametrize("clip", ["clip.mp4", "photo.jpg", "in"])
def test_dry_run_writes_nothing(run: Run, inputs: Path, clip: str, strength: str) -> None:
    (inputs / "in").mkdir()
    for number in (7, 8):
        (inputs / "in" / f"{number}.jpg").write_bytes((inputs / "photo.jpg").read_bytes())
    before = tree(inputs)
    result = run(clip, *STYLE, *FAST, "--dry-run", "--strength", strength)
    assert result.exit_code == 0, result.stderr
    assert f"{clip}: " in result.stderr
    assert "Nothing was written" in result.stderr
    assert ("This will take about" in result.stderr) == (strength == "1" or clip != "photo.jpg")
    assert run(clip, *STYLE, "--dry-run", "--content-layers", "relu9_9").exit_code == 2
    assert tree(inputs) == before


def test_a_dry_run_does_not_run_a_program_that_a_file_here_names(run: Run, inputs: Path) -> None:
    (inputs / "evil").write_text("#!/bin/sh\ntouch ran\n")
    (inputs / "evil").chmod(0o755)
    (inputs / "vidstyle.toml").write_text('ffmpeg = "./evil"\n')
    result = run("clip.mp4", *STYLE, "--dry-run")
    assert result.exit_code == 2 and "vidstyle.toml" in result.stderr
    assert not (inputs / "ran").exists()


def test_settings_from_a_file_paint_too(run: Run, inputs: Path) -> None:
    pairs = [
        (flag.removeprefix("--").replace("-", "_"), value) for flag, value in zip(FAST[::2], FAST[1::2], strict=True)
    ]
    lines = [f'{key} = "{value}"' for key, value in pairs]
    (inputs / "vidstyle.toml").write_text(
        "\n".join([*lines, 'style = ["noise.png"]', 'output = "out/"', "limit = '1f'"])
    )
    (inputs / "out").mkdir()
    result = run("clip.mp4")
    assert result.exit_code == 0, result.stderr
    assert len(probe(inputs / "out" / "clip.noise.mp4").pts) == 1


def test_an_output_is_replaced_only_on_demand(run: Run, inputs: Path) -> None:
    (inputs / "clip.noise.mp4").write_bytes(b"precious")
    before = tree(inputs)
    assert run("clip.mp4", *STYLE, *FAST, "--limit", "1f").exit_code == 73
    assert tree(inputs) == before
    assert run("clip.mp4", *STYLE, *FAST, "--limit", "1f", "-y").exit_code == 0
    assert len(probe(inputs / "clip.noise.mp4").pts) == 1


REFUSED = {
    "a missing clip": (["nowhere.mp4", *STYLE], 65, "nowhere.mp4"),
    "text named .mp4": (["text.mp4", *STYLE], 65, "text.mp4"),
    "a clip cut short": (["short.mp4", *STYLE], 65, "cut short"),
    "an empty file": (["empty.mp4", *STYLE], 65, "empty"),
    "a folder without pictures": (["folder", *STYLE], 65, "folder"),
    "no clip": ([*STYLE], 2, "CLIP"),
    "no style": (["clip.mp4"], 2, "--style"),
    "a missing style": (["clip.mp4", "--style", "nowhere.png"], 65, "nowhere.png"),
    "a style that is no picture": (["clip.mp4", "--style", "text.mp4"], 65, "text.mp4"),
    "a style of one pixel": (["clip.mp4", "--style", "pixel.png"], 65, "pixel.png"),
    "a folder that isn't there": (["clip.mp4", *STYLE, "-o", "no where/out.mp4"], 73, "(mkdir -p 'no where')"),
    "a folder that is a file": (["clip.mp4", *STYLE, "-o", "noise.png/out.mp4"], 73, "noise.png"),
    "a container that can't be written": (["clip.mp4", *STYLE, "-o", "out.xyz"], 2, ".xyz"),
    "the input as output": (["clip.mp4", *STYLE, "-o", "./clip.mp4", "-y"], 73, "clip.mp4"),
    "an empty clip": (["", *STYLE], 2, "empty"),
    "an empty job folder": (["clip.mp4", *STYLE, "--work-dir", ""], 2, "empty"),
    "an empty config file": (["clip.mp4", *STYLE, "--config", ""], 2, "empty"),
    "an empty clip to plan": (["plan", "", *STYLE], 2, "empty"),
    "an empty batch": (["plan", "--batch", ""], 2, "empty"),
    "a job without a name": (["task", "", "--shot", "1"], 2, "empty"),
    "an empty clip to measure against": (["measure", "clip.mp4", "--against", ""], 2, "empty"),
    "an empty report": (["measure", "clip.mp4", "--against", "clip.mp4", "--report", ""], 2, "empty"),
    "a style as output": (["photo.jpg", *STYLE, "-o", "noise.png", "-y"], 73, "noise.png"),
    "a config file as output": (["clip.mp4", *STYLE, "--config", "own.mp4", "-o", "own.mp4", "-y"], 73, "own.mp4"),
    "a size of 0": (["clip.mp4", *STYLE, "--size", "0"], 2, "--size = 0"),
    "an unknown layer": (["clip.mp4", *STYLE, "--style-layers", "relu9_9"], 2, "relu9_9"),
    "an unknown device": (["clip.mp4", *STYLE, "--device", "abacus"], 2, "abacus"),
    "an unknown device in a dry run": (["clip.mp4", *STYLE, "--device", "gpu", "--dry-run"], 2, "--device = gpu"),
    "an output that is there, before the clip is looked at": (["text.mp4", *STYLE, "-o", "own.mp4"], 73, "exists"),
    "two styles for a picture": (["photo.jpg", *STYLE, "pixel.png"], 2, "is 'pixel.png' a style too"),
    "a page that is none, in a dry run": (
        ["clip.mp4", *STYLE, "--page", "p.txt", "--dry-run"],
        2,
        "a page ends in .html",
    ),
    "a name with a blank": (["a", "clip.mp4", *STYLE], 2, "in quotes: 'a clip.mp4'"),
    "no such frames": (["clip.mp4", *STYLE, "--frames", "90-95"], 2, "90-95"),
    "a missing list of cuts": (["clip.mp4", *STYLE, "--cuts", "nowhere.txt"], 65, "nowhere.txt"),
    "missing weights": (["clip.mp4", *STYLE, "--network-weights", "./nowhere.pth"], 69, "nowhere.pth"),
    "a missing ffmpeg": (["clip.mp4", *STYLE, "--ffmpeg", "./nowhere"], 69, "nowhere"),
    "starting over without writing": (["clip.mp4", *STYLE, "--restart", "--dry-run"], 2, "--dry-run"),
    "a picture cut to frames": (["photo.jpg", *STYLE, "-o", "out.mp4"], 2, "out.mp4"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_refusal_is_a_sentence_and_leaves_nothing_behind(run: Run, inputs: Path, media: Path, reason: str) -> None:
    (inputs / "text.mp4").write_text("not a film\n" * 100)
    (inputs / "short.mp4").write_bytes((media / "clip.mp4").read_bytes()[:2000])
    (inputs / "empty.mp4").touch()
    (inputs / "folder").mkdir()
    (inputs / "own.mp4").write_text("steps = 1\n")
    (inputs / "a clip.mp4").touch()
    write_pixel(inputs / "pixel.png")
    before = tree(inputs)
    command, code, named = REFUSED[reason]
    result = run(*command)
    assert result.exit_code == code, result.stderr
    sentence = result.stderr[result.stderr.index("vidstyle: ") :]
    assert named in sentence
    assert sentence.rstrip().endswith((".", "?", ")", "'"))
    assert "Traceback" not in result.output
    assert not result.stdout
    assert tree(inputs) == before


def write_pixel(path: Path) -> None:
    import numpy as np

    from vidstyle.media.images.stills import write_image

    write_image(path, np.zeros((1, 1, 3), np.float32))


@pytest.mark.slow
def test_ctrl_c_finishes_the_frame_and_the_same_command_resumes(start: Start, run: Run, inputs: Path) -> None:
    process = start("clip.mp4", *STYLE, *FAST, "--first-frame-steps", "30", "--json")
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["type"] == "evaluation":
            break
    process.send_signal(signal.SIGINT)
    rest, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    *_, frame, error = (json.loads(line) for line in rest.splitlines())
    assert (frame["type"], error["type"], error["exit_code"]) == ("frame", "error", 130)
    assert "1 of 4 frames done" in err
    assert "Traceback" not in err
    assert not (inputs / "clip.noise.mp4").exists()

    again = run("clip.mp4", *STYLE, *FAST, "--first-frame-steps", "30")
    assert again.exit_code == 0, again.stderr
    assert "1 of 4 frames" in again.stderr
    assert (inputs / "clip.noise.mp4").exists()


@pytest.mark.slow
def test_sigterm_ends_in_143(start: Start, inputs: Path) -> None:
    process = start("clip.mp4", *STYLE, *FAST, "--progress", "farm")
    assert process.stdout is not None
    assert process.stdout.readline() == "Progress: 0%\n"
    process.terminate()
    _, err = process.communicate(timeout=120)
    assert process.returncode == 143
    assert "To go on:" in err


@pytest.mark.slow
def test_a_closed_stdout_ends_the_run_without_a_traceback(start: Start, inputs: Path) -> None:
    process = start("clip.mp4", *STYLE, *FAST, "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(timeout=120) == 74
    assert "Traceback" not in err
    assert "Exception" not in err
