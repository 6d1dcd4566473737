"""``vidstyle studio``: what it says before there is a page."""

from __future__ import annotations

import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from typer.testing import Result

from vidstyle.cli.commands.studio import _stopped
from vidstyle.cli.show.reporter import reporter_for
from vidstyle.studio.desk import Desk
from vidstyle.studio.film import Film
from vidstyle.studio.folder import StudioFolder
from vidstyle.studio.previews import Previews

Run = Callable[..., Result]


def test_without_the_extra_one_sentence_says_what_to_install(
    inputs: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nicegui", None)
    before = sorted(inputs.iterdir())
    result = run("studio", "clip.mp4")
    assert result.exit_code == 69
    assert result.stderr.strip() == "vidstyle: the studio needs NiceGUI: pip install 'vidstyle[studio]'."
    assert sorted(inputs.iterdir()) == before


def test_what_can_not_be_used_is_said_at_once(inputs: Path, run: Run) -> None:
    pytest.importorskip("nicegui", reason="the studio's page is made with NiceGUI (pip install 'vidstyle[studio]')")
    assert run("studio", "clip.mp4", "-o", ".").exit_code == 73
    result = run("studio", "nothing.mp4", "-o", "kept")
    assert result.exit_code == 65
    assert "nothing.mp4" in result.stderr
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("studio", "--port", taken.getsockname()[1])
    assert result.exit_code == 73
    assert "can't be had" in result.stderr


def test_a_second_studio_in_a_folder_ends_with_a_sentence(inputs: Path, run: Run) -> None:
    pytest.importorskip("nicegui", reason="the studio's page is made with NiceGUI (pip install 'vidstyle[studio]')")
    with StudioFolder(inputs / "kept", "http://127.0.0.1:8123"):
        result = run("studio", "-o", "kept")
    assert result.exit_code == 75
    [sentence] = result.stderr.strip().splitlines()
    assert sentence.startswith("vidstyle: 'kept': a studio is open in this folder already (process ")
    assert sentence.endswith("or name another folder with -o.")


PAINTING = """
import json, signal, sys, threading
signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
print(json.dumps({"type": "frame", "frames_done": 3, "frames_total": 8}), flush=True)
threading.Event().wait()
"""


def test_ctrl_c_stops_what_is_being_painted_and_says_how_to_go_on(tmp_path: Path) -> None:
    film = Film((sys.executable, "-c", PAINTING), ["vidstyle", "a b.mp4"], tmp_path / "out.mp4")
    film.start()
    while film.news.get("frames_done") != 3:
        time.sleep(0.01)
    desk = cast(Desk, SimpleNamespace(film=film, previews=Previews()))
    ended = _stopped(desk, reporter_for(quiet=True), signal.SIGINT)
    assert (film.state, ended.exit_code) == ("stopped", 130)
    assert str(ended) == "stopped. 3 of 8 frames done. To go on:\n  vidstyle 'a b.mp4'"
    assert _stopped(desk, reporter_for(quiet=True), signal.SIGTERM).exit_code == 143
