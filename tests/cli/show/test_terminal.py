"""What reaches the terminal, and what happens where nothing can."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest
from rich.table import Table
from rich.text import Text

from vidstyle.cli.show.failures import complain
from vidstyle.cli.show.progress import emit
from vidstyle.cli.show.terminal import Terminal

PROGRAM = (sys.executable, "-m", "vidstyle")


def test_nothing_that_data_names_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", shown := io.StringIO())
    evil = "\x1b]0;owned\x07\x9b2J[bold]:smile:[/nothing]\u202e"
    table = Table(evil)
    table.add_row(evil, Text(evil, "bold"))
    terminal = Terminal()
    for thing in (evil, Text(evil), table):
        terminal.print(thing)
    complain(evil)
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown.getvalue())
    assert shown.getvalue().count("[bold]:smile:[/nothing]") >= 2


def test_json_holds_no_control_character_and_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    message = "\x1b[2J\x7f\x9b\u202e\n\udcff"
    emit({"message": message})
    line = capsys.readouterr().out
    assert line.isascii() and line[:-1].isprintable()
    assert json.loads(line)["message"] == message


@pytest.mark.slow
@pytest.mark.parametrize("where", ["full", "closed"])
def test_a_message_that_cannot_be_told_changes_no_exit_code(where: str) -> None:
    shell = f'"$@" {"2>/dev/full" if where == "full" else "2>&-"}'
    for words, code in ((("presets",), 0), (("presets", "--json"), 0), (("nothing.mp4", "-s", "nothing.png"), 65)):
        done = subprocess.run(["bash", "-c", shell, "-", *PROGRAM, *words], capture_output=True, check=False)
        assert done.returncode == code, (words, done)
    shell = f'"$@" {"> /dev/full" if where == "full" else ">&-"}'
    done = subprocess.run(["bash", "-c", shell, "-", *PROGRAM, "presets", "--json"], capture_output=True, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (74 if where == "full" else 0, False)


@pytest.mark.slow
def test_a_width_of_nothing_is_no_width() -> None:
    for words in (("presets",), ("nothing.mp4", "-s", "nothing.png")):
        done = subprocess.run([*PROGRAM, *words], capture_output=True, env={**os.environ, "COLUMNS": "0"}, check=False)
        assert len(done.stderr) > 40
