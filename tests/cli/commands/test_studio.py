"""``vidstyle studio``: what it says before there is a page."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

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
