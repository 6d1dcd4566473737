import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import Result

from vidstyle.cli.app import app

Run = Callable[..., Result]
COMMANDS = [
    command.name or command.callback.__name__.replace("_", "-")
    for command in app.registered_commands
    if command.callback
]


@pytest.mark.slow
def test_help_brings_nothing_heavy() -> None:
    """Half a second is all that help may take, and each of these takes longer than that on its own."""
    code = f"""
import sys
from vidstyle.cli import main
for words in [["--help"], ["--version"], ["presets"], *([name, "--help"] for name in {COMMANDS})]:
    sys.argv = ["vidstyle", *words]
    try:
        main()
    except SystemExit as end:
        assert not end.code, words
    heavy = {{"torch", "cv2", "av", "numpy", "scipy", "scenedetect"}} & set(sys.modules)
    assert not heavy, (words, heavy)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--style-weight" in done.stdout


@pytest.mark.slow
def test_a_command_first_wins(run: Run) -> None:
    for name in COMMANDS:
        result = run(name, "--help")
        assert result.exit_code == 0
        assert f"vidstyle {name}" in result.stdout


@pytest.mark.slow
def test_a_file_named_like_a_command_is_meant_by_its_path(run: Run, inputs: Path) -> None:
    (inputs / "clip.mp4").rename("presets")
    result = run("./presets", "--style", "noise.png", "--dry-run")
    assert result.exit_code == 0, result.stderr
    assert "presets.noise.mp4" in result.stderr


def test_a_command_that_comes_late_is_explained(run: Run) -> None:
    result = run("--style", "noise.png", "doctor")
    assert result.exit_code == 2
    assert "vidstyle doctor" in result.stderr


def test_names_that_the_shell_has_spelled_out_are_explained(run: Run) -> None:
    result = run("a.1001.exr", "a.1002.exr", "--style", "noise.png")
    assert result.exit_code == 2
    assert "goes in quotes" in result.stderr


def test_version(run: Run) -> None:
    assert run("--version").stdout == f"vidstyle {version('vidstyle')}\n"


def test_without_words_there_is_help(run: Run) -> None:
    result = run()
    assert result.exit_code == 2
    assert "Usage: vidstyle" in result.output


@pytest.mark.parametrize(
    "words", [("a.mp4", "b.mp4"), ("--bogus",), ("doctor", "--bogus"), ("doctor", "more"), ("--style",)]
)
def test_wrong_usage_ends_in_2(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert not result.stdout


def _complete(line: str) -> list[str]:
    environment = {
        **os.environ,
        "_VIDSTYLE_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    command = [sys.executable, "-c", "import vidstyle.cli; vidstyle.cli.main()"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout.split()


@pytest.mark.slow
def test_completion_knows_commands_flags_values_and_files(inputs: Path) -> None:
    assert {"doctor"} == set(_complete("vidstyle doc"))
    assert {"clip.mp4"} == set(_complete("vidstyle cl"))
    assert {"--style", "--style-weight", "--style-subject", "--style-scale", "--style-layers"} == set(
        _complete("vidstyle clip.mp4 --style")
    )
    assert {"draft"} == set(_complete("vidstyle clip.mp4 --preset d"))
    assert {"max", "average"} == set(_complete("vidstyle clip.mp4 --pooling "))
    assert {"--json"} == set(_complete("vidstyle doctor --j"))
