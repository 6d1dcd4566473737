"""A film's process: what it says, how it is stopped, and that it runs what is shown."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from vidstyle.studio.film import Film

PROGRAM = """
import json, os, signal, sys, threading
print(json.dumps({"words": sys.argv[1:], "progress": os.environ["VIDSTYLE_PROGRESS"]}))
print("no JSON")
if "wait" not in sys.argv:
    print("can't be painted\\x1b[2J", file=sys.stderr)
    sys.exit(int(sys.argv[-1]))
signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
print(json.dumps({"type": "frame", "frames_done": 3}), flush=True)
threading.Event().wait()
"""
WORDS = ["vidstyle", "$(touch pwned); 'a b'.mp4", "--style", "-x.jpg"]


def film(tmp_path: Path, *more: str) -> Film:
    return Film((sys.executable, "-c", PROGRAM), [*WORDS, *more], tmp_path / "out.mp4")


def test_the_command_is_run_word_for_word(tmp_path: Path) -> None:
    made = film(tmp_path, "0")
    assert made.state == "waiting"
    made.start()
    made.wait()
    assert made.state == "done"
    assert made.news == {"words": [*WORDS[1:], "0"], "progress": "json"}
    assert not (tmp_path / "pwned").exists()


def test_what_went_wrong_is_kept(tmp_path: Path) -> None:
    made = film(tmp_path, "65")
    made.start()
    made.wait()
    assert (made.state, made.at_work) == ("failed", False)
    assert list(made.said) == ["can't be painted\x1b[2J"]


def test_it_is_stopped_as_from_a_terminal_and_goes_on(tmp_path: Path) -> None:
    made = film(tmp_path, "wait")
    for _ in range(2):
        made.start()
        while made.news.get("frames_done") != 3:  # until its handler is there
            time.sleep(0.01)
        assert made.at_work
        made.stop()
        made.wait()
        assert made.state == "stopped"
    assert made.glance().work is None
