"""The page that shows what is being painted, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from typer.testing import Result

from tests.helpers.browser import LAPTOP, PHONE, browser, opened
from vidstyle.cli.page import live
from vidstyle.cli.page.live import LivePage
from vidstyle.cli.page.scene import Strip, link
from vidstyle.errors import OutputError, UsageError
from vidstyle.jobs.folder.job import Job
from vidstyle.page.pictures import base64_text, glance

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

__all__ = ["browser"]

Run = Callable[..., Result]
WICKED = "</script><img src=x onerror=alert(1)>"


def scene(done: int) -> dict[str, Any]:
    """A job of two shots, so many frames of which are done."""

    def grey(level: float, width: int) -> str:
        return base64_text(glance(np.full((54, width, 3), level, np.float32), width))

    work = {
        "title": f"shot 1, frame {done + 1}",
        "size": "96×54",
        "share": 0.5,
        "losses": [["content", 1.5], ["style", 2.0]],
        "history": [9.0, 5.0, 3.5],
        "painting": grey((done % 10) / 10, 96),
        "beside": grey(0.5, 96),
    }
    return {
        "name": WICKED,
        "clip": "clip.mp4",
        "state": "running",
        "note": "",
        "done": done,
        "total": 200,
        "left": "4 min",
        "folder": WICKED,
        "link": "",
        "shots": [["running", done, 100], ["waiting", 0, 100]],
        "rows": [["shot 1", "running", f"{done}/100", WICKED], ["shot 2", "waiting", "0/100", ""]],
        "panels": [work],
        "strip": {"names": ["frame 1", "frame 2"], "pictures": [grey(0.2, 96), grey(0.8, 96)]},
    }


WATCH = """
window.blank = 0; window.seen = new Set();
const look = () => {
  for (const image of document.images) {
    if (image.offsetParent && !(image.complete && image.naturalWidth)) window.blank += 1;
  }
  window.seen.add(document.querySelector(".at-work"));
  requestAnimationFrame(look);
};
look();
"""


@pytest.mark.slow
@pytest.mark.parametrize(("size", "scheme"), [(LAPTOP, "light"), (PHONE, "dark")], ids=["laptop", "phone"])
def test_it_is_refreshed_without_a_flash(
    browser: Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], scheme: str
) -> None:
    """No picture is ever blank, and the elements stay the same, even where nothing is at work between two frames."""
    monkeypatch.setattr(live, "EVERY", 0.02)
    page = LivePage(tmp_path / "p.html", "clip.mp4")
    page.write([scene(0)])
    opened(browser, page.path, size, scheme)
    browser.execute_script(WATCH)
    browser.set_script_timeout(30)
    for done in range(1, 13):
        page.write([scene(done) | ({"panels": []} if done == 6 else {})])
        wait = """
        const done = arguments[1];
        const look = () => (latest.jobs[0].done >= arguments[0] ? done() : setTimeout(look, 5));
        look();
        """
        browser.execute_async_script(wait, done)
    assert browser.execute_script("return [blank, seen.size]") == [0, 1]
    text = browser.execute_script("return document.body.innerText")
    for words in ("12 of 200 frames", "4 min left", "shot 1, frame 13", "loss 3.50", "newest frames", WICKED):
        assert words.lower() in text.lower()
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
    page.write([scene(100) | {"state": "done", "panels": [], "left": ""}], live=False)
    browser.execute_async_script(wait, 100)
    assert browser.get_log("browser") == []
    # It is whole by itself then.
    page.script.unlink()
    opened(browser, page.path, size, scheme)
    assert "100 of 200 frames" in browser.execute_script("return document.body.innerText")
    assert browser.get_log("browser") == []


def test_nothing_that_is_named_is_obeyed(tmp_path: Path) -> None:
    page = LivePage(tmp_path / "p?#%\n'<b>.html", WICKED)
    page.write([scene(1)])
    text, script = page.path.read_text(), page.script.read_text()
    [data] = re.findall(r'(?s)<script type="application/json" id="data">(.*?)</script>', text)
    assert json.loads(data)["scene"]["jobs"][0]["name"] == WICKED
    assert json.loads(data)["script"] == "p%3F%23%25%0A%27%3Cb%3E.now.js"
    assert "<" not in data
    assert "<" not in script
    assert text.count("<img") == 0
    assert re.fullmatch(r"take\(\{.*\}\);\n", script)
    assert link(tmp_path / "javascript:alert(1)", page.path) == "./javascript%3Aalert%281%29"


def test_only_a_page_of_ours_is_written_over(tmp_path: Path) -> None:
    page = tmp_path / "p.html"
    page.write_text("mine")
    with pytest.raises(OutputError, match="-y"):
        LivePage(page, "clip")
    LivePage(page, "clip", overwrite=True).write([])
    LivePage(page, "clip").write([])  # the same command, run again
    with pytest.raises(UsageError, match=r"\.html"):
        LivePage(tmp_path / "clip.mp4", "clip")
    with pytest.raises(OutputError, match="one of the inputs"):
        LivePage(page, "clip", [page])


def test_a_picture_is_shown_while_it_is_painted(inputs: Path, run: Run) -> None:
    few = ("--preset", "draft", "--first-frame-steps", "2", "--style", "noise.png")
    result = run("photo.jpg", *few, "-o", "out.png", "--page", "p.html")
    assert result.exit_code == 0, result.stderr
    [job] = told(inputs / "p.html")["jobs"]
    assert (job["state"], job["link"], job["total"]) == ("done", "./out.png", 1)


@pytest.mark.slow
def test_a_job_is_shown_by_its_folder_alone(inputs: Path, run: Run) -> None:
    few = ("--preset", "draft", "--first-frame-steps", "2", "--steps", "1", "--style", "noise.png")
    result = run("clip.mp4", *few, "-o", "out.mp4", "--keep", "--page", "p.html")
    assert result.exit_code == 0, result.stderr
    [job] = told(inputs / "p.html")["jobs"]
    assert (job["state"], job["done"], job["total"], job["link"]) == ("done", 4, 4, "./out.mp4")
    assert job["strip"]["pictures"]
    assert run("status", "out.mp4.vidstyle", "--page", "s.html").exit_code == 0
    shown = told(inputs / "s.html")
    assert not shown["live"]
    [job] = shown["jobs"]
    assert (job["state"], job["done"], job["total"]) == ("done", 4, 4)
    assert job["strip"]["names"] == ["frame 3", "frame 4"]


def test_frames_of_two_shapes_are_not_played_together() -> None:
    """Those at work show the clip beside; what nobody showed is read from the frames alone."""
    strip = Strip()
    strip.alone = {3: "alone"}
    assert strip.shown() == {3: "alone"}
    strip.pictures = {5: "both", 4: "both"}
    assert list(strip.shown().items()) == [(4, "both"), (5, "both")]
    strip.look(cast(Job, None), [])  # nobody is at work any more: nothing is read
    assert strip.shown().keys() == {4, 5}


def told(page: Path) -> dict[str, Any]:
    [data] = re.findall(r'(?s)<script type="application/json" id="data">(.*?)</script>', page.read_text())
    return json.loads(data)["scene"]
