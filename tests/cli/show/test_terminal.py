"""What reaches the terminal, and what happens where nothing can."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from rich.live import Live
from rich.table import Table
from rich.text import Text

from vidstyle.cli.follow import command_again
from vidstyle.cli.show.failures import complain, explain, guarded
from vidstyle.cli.show.progress import emit, openjd
from vidstyle.cli.show.reporter import Reporter
from vidstyle.cli.show.terminal import Terminal
from vidstyle.errors import InputError, UsageError
from vidstyle.jobs.folder.files import append_line
from vidstyle.media.files import no_folder

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


def test_a_name_begins_no_line_wherever_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    name = "a\nvidstyle: all is well\x85\u2028b"
    table = Table(name, title=name)
    table.add_row(name, Text.assemble((name, "bold"), (name, "red")))
    terminal = Terminal()
    for thing in (name, Text(name, "red"), table):
        terminal.print(thing)
    with Live(table, console=terminal):
        pass
    Reporter(terminal, "plain").say(name)
    complain(name, f"  {name}", details=[name])
    with pytest.raises(typer.Exit):
        guarded(_failing)(name, debug=True)
    monkeypatch.setattr(sys, "argv", ["vidstyle", name])
    terminal.print(command_again())
    terminal.print(str(no_folder(tmp_path / name / "out.mp4")))
    emit({"message": name})
    with pytest.raises(InputError), openjd(Reporter(terminal, "openjd")):
        raise InputError(name)
    append_line(tmp_path / "log", name)
    shown = capsys.readouterr()
    lines = [*shown.err.splitlines(), *shown.out.splitlines(), *(tmp_path / "log").read_text().splitlines()]
    assert sum("all is well" in line for line in lines) > 12
    assert not [line for line in lines if line.strip().startswith("vidstyle: all")]


def _failing(name: str, debug: bool) -> None:
    raise InputError(name)


def test_what_is_below_a_sentence_is_on_lines_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    error = UsageError("other settings:", "  size", "Start over.")
    assert str(error) == "other settings:\n  size\nStart over."
    complain(*explain(error)[0])
    assert capsys.readouterr().err == "vidstyle: other settings:\n  size\nStart over.\n"


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
