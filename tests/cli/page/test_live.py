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


def picture(level: float, size: tuple[int, int]) -> str:
    return base64_text(glance(np.full((size[1], size[0], 3), level, np.float32), max(size)))


def scene(done: int, *, shot: int = 1, size: tuple[int, int] = (96, 54)) -> dict[str, Any]:
    """A job of two shots, so many frames of which are done."""
    work = {
        "title": f"shot {shot}, frame {done + 1}",
        "size": "×".join(map(str, size)),
        "share": 0.5,
        "losses": [["content", 1.5], ["style", 2.0]] + [["disoccluded", 0.123], ["shot colour", 1e-4]] * (done % 3),
        "history": [9.0, 5.0, 3.5],
        "painting": picture((done % 10) / 10, size),
        "beside": picture(0.5, size),
    }
    both = (2 * size[0], size[1])
    return {
        "name": WICKED,
        "clip": "clip.mp4",
        "size": list(size),
        "state": "running",
        "note": "",
        "done": done,
        "total": 200,
        "left": "4 min" if done % 2 else "4 min 12 s",
        "folder": WICKED,
        "link": "",
        "shots": [["running", done, 100], ["waiting", 0, 100]],
        "rows": [["shot 1", "running", f"{done}/100", WICKED], ["shot 2", "waiting", "0/100", ""]],
        "panels": [work],
        "strip": {
            "names": [f"frame {number}" for number in range(1, done + 1)],
            "pictures": [picture(number / 20, both) for number in range(1, done + 1)],
            "beside": True,
        },
    }


NOTHING_YET = {"panels": [], "strip": {"names": [], "pictures": []}, "rows": [], "shots": [], "done": 0, "left": ""}
NOT_BEGUN = NOTHING_YET | {"state": "waiting", "total": 0}
ENDED = {"state": "done", "done": 200, "panels": [], "left": "", "rows": [], "link": "./clip.mp4"}


WATCH = """
window.blank = 0; window.seen = new Set(); window.shifts = [];
const look = () => {
  for (const image of document.images) {
    if (image.offsetParent && !(image.complete && image.naturalWidth)) window.blank += 1;
  }
  window.seen.add(document.querySelector(".at-work"));
  requestAnimationFrame(look);
};
look();
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifts.push(entry.sources.map((source) => source.node?.textContent));
}).observe({ type: "layout-shift", buffered: true });
"""
SHOWN = """
const [now, done] = [refreshes, arguments[0]];
const drawn = () => requestAnimationFrame(() => setTimeout(done));
const look = () => (refreshes > now + 1 || !latest.live ? drawn() : setTimeout(look, 5));
look();
"""


def watched(browser: Chrome, page: LivePage, scenes: list[list[dict[str, Any]]], width: int, scheme: str) -> None:
    """Open a page and let it show one scene after the other; a high window sees all that moves on it."""
    page.write(scenes[0])
    opened(browser, page.path, (width, 3000), scheme)
    browser.execute_script(WATCH)
    browser.set_script_timeout(30)
    show(browser, page, scenes[1:])


def show(browser: Chrome, page: LivePage, scenes: list[list[dict[str, Any]]], *, live: bool = True) -> None:
    """Let a page that is open show one scene after the other."""
    for jobs in scenes:
        page.write(jobs, live=live)
        browser.execute_async_script(SHOWN)


IN_WINDOWS = pytest.mark.parametrize(("size", "scheme"), [(LAPTOP, "light"), (PHONE, "dark")], ids=["laptop", "phone"])


@pytest.mark.slow
@IN_WINDOWS
def test_it_is_refreshed_without_a_flash(
    browser: Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], scheme: str
) -> None:
    """No picture is ever blank, nothing moves, and the elements stay, even where nothing is at work between frames."""
    monkeypatch.setattr(live, "EVERY", 0.02)
    page = LivePage(tmp_path / "p.html", "clip.mp4")
    begun = [scene(0) | NOT_BEGUN | {"size": None}, scene(0) | NOTHING_YET, scene(0)]
    watched(browser, page, [[job] for job in begun], size[0], scheme)
    assert "No frame is finished yet" in browser.execute_script("return document.body.innerText")
    painting = [scene(done, shot=1 + done // 7) | ({"panels": []} if done == 6 else {}) for done in range(1, 13)]
    encoding = [scene(200) | {"note": f"encoding frame {frame} of 200", "panels": []} for frame in (7, 190)]
    watched(browser, page, [[job] for job in begun + painting], size[0], scheme)
    text = browser.execute_script("return document.body.innerText")
    for words in ("12 of 200 frames", "4 min 12 s left", "shot 2, frame 13", "loss 3.50", "newest frames", WICKED):
        assert words.lower() in text.lower()
    show(browser, page, [[job] for job in [*encoding, scene(200) | ENDED]])
    assert browser.execute_script("return [shifts, blank, seen.size]") == [[], 0, 1]
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
    show(browser, page, [[scene(100) | {"state": "done", "panels": [], "left": ""}]], live=False)
    assert browser.get_log("browser") == []
    # It is whole by itself then.
    page.script.unlink()
    opened(browser, page.path, size, scheme)
    assert "100 of 200 frames" in browser.execute_script("return document.body.innerText")
    assert browser.get_log("browser") == []


@pytest.mark.slow
@IN_WINDOWS
def test_nothing_moves_as_one_clip_of_a_night_ends_and_the_next_begins(
    browser: Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], scheme: str
) -> None:
    monkeypatch.setattr(live, "EVERY", 0.02)
    sizes = [(96, 54), (54, 96), (96, 54)]

    def night(at: int, job: dict[str, Any]) -> list[dict[str, Any]]:
        others = [scene(8, size=each) | (ENDED if place < at else NOT_BEGUN) for place, each in enumerate(sizes)]
        return [job if place == at else other for place, other in enumerate(others)]

    scenes: list[list[dict[str, Any]]] = []
    for at, each in enumerate(sizes):
        works = [scene(done, size=each) for done in (0, 1, 2, 8)]
        scenes += [night(at, job) for job in (scene(0, size=each) | NOTHING_YET, *works)]
    watched(browser, LivePage(tmp_path / "p.html", "3 clips"), [*scenes, night(3, {})], size[0], scheme)
    assert browser.execute_script("return [shifts, blank]") == [[], 0]
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
    assert browser.get_log("browser") == []


@pytest.mark.slow
def test_nothing_moves_as_one_of_two_processes_ends(
    browser: Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "EVERY", 0.02)
    scenes = [[scene(done) | {"panels": scene(done)["panels"] * count}] for done, count in ((3, 2), (5, 1), (6, 0))]
    watched(browser, LivePage(tmp_path / "p.html", "clip"), scenes, LAPTOP[0], "light")
    assert browser.execute_script("return [shifts, blank]") == [[], 0]
    idle = "return [...document.querySelectorAll('.at-work')].map((one) => one.classList.contains('idle'))"
    assert browser.execute_script(idle) == [False, True]


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
