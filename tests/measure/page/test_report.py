"""The page, in a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.helpers.browser import LAPTOP, PHONE, browser, opened
from vidstyle.errors import OutputError

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

WICKED = "<!--<script><img src=x onerror=alert(1)>\u202e\x9b"
SHOWN = "<!--<script><img src=x onerror=alert(1)>\\u202e\\x9b"
__all__ = ["browser"]

Open = Callable[[tuple[int, int], str], "Chrome"]


@pytest.fixture(scope="module")
def page(folder: Path, tmp_path_factory: pytest.TempPathFactory, measured: Callable[..., object]) -> Path:
    """The report of two outputs, one named so as to break a page that takes names for markup."""
    report = tmp_path_factory.mktemp("report") / "report.html"
    other = report.parent / WICKED
    shutil.copytree(folder / "average", other)
    measured(folder, "good", compare=other, report=report)
    return report


@pytest.fixture
def look(browser: Chrome, page: Path) -> Open:
    """Open the page at a size, in a colour scheme."""
    return lambda size, scheme: opened(browser, page, size, scheme)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_it_loads_and_fits(look: Open, size: tuple[int, int], scheme: str) -> None:
    browser = look(size, scheme)
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
    assert browser.title.startswith(f"good and {SHOWN}")
    text = browser.execute_script("return document.body.innerText")
    for words in (
        "Warp error, from frame to frame",
        "Worst pairs",
        "Boil",
        "Borrowed subject",
        "All figures",
        "How it was measured",
        SHOWN,
    ):
        assert words in text
    ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    brightness = sum(map(int, ground.removeprefix("rgb(").removesuffix(")").split(","))) / 3
    assert (brightness > 128) == (scheme == "light")


@pytest.mark.slow
def test_a_long_film_has_a_scale_too(look: Open) -> None:
    """A call takes some ten thousand arguments; two hours have 200,000 frames."""
    browser = look(LAPTOP, "light")
    script = "return makeScale('zero', Array.from({length: 200000}, (_, place) => place % 500)).ticks.length"
    assert browser.execute_script(script) > 1
    shots = "Array.from({length: 200000}, (_, place) => [place])"
    found = f"return nearest(Array(200000).fill(7), 150000, {{first: 0, shots: {shots}}})"
    assert browser.execute_script(found) == 7


def test_it_needs_nothing_but_itself(look: Open, page: Path) -> None:
    browser = look(LAPTOP, "light")
    fetched = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert not [name for name in fetched if not name.startswith("data:")]
    assert browser.execute_script("return [...document.images].every(image => image.src.startsWith('data:'))")
    assert page.stat().st_size < 15_000_000


def test_every_picture_is_one(look: Open) -> None:
    browser = look(LAPTOP, "light")
    pictures = browser.execute_async_script(
        """
        const done = arguments[0];
        const images = [...document.images];
        images.forEach(image => { image.loading = "eager"; });
        Promise.allSettled(images.map(image => image.decode())).then(() =>
            done(images.map(image => [image.alt, image.naturalWidth])));
        """
    )
    # A film and a slice each of the clip and two outputs, five of each worst pair, and three of what it borrowed.
    assert len(pictures) >= 6 + 2 * 5 + 2 * 3
    assert all(alt and width > 0 for alt, width in pictures)


@pytest.mark.slow
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_slider_scrubs_all_tracks(look: Open, size: tuple[int, int]) -> None:
    browser = look(size, "light")
    seen = []
    for place in (0, 6, 15):
        browser.execute_script(
            """
            const slider = document.querySelector("input[type=range]");
            slider.value = arguments[0];
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            """,
            place,
        )
        assert f"frame {place + 1}," in browser.find_element("css selector", "output").text
        seen.append(browser.execute_script("return [...document.querySelectorAll('.panes img')].map(i => i.src)"))
    assert len(seen[0]) == 3
    for track in zip(*seen, strict=True):
        assert len(set(track)) == 3
    assert "shot 2" in browser.find_element("css selector", "output").text
    assert browser.get_log("browser") == []


@pytest.mark.slow
def test_it_plays(look: Open) -> None:
    browser = look(LAPTOP, "light")
    button = browser.find_element("css selector", "button[aria-label=play]")
    button.click()
    browser.set_script_timeout(10)
    browser.execute_async_script(
        """
        const done = arguments[0], slider = document.querySelector("input[type=range]");
        const wait = () => (Number(slider.value) > 3 ? done() : setTimeout(wait, 20));
        wait();
        """
    )
    browser.find_element("css selector", "button[aria-label=pause]").click()


@pytest.mark.slow
def test_pointing_at_a_curve_gives_its_values(look: Open) -> None:
    from selenium.webdriver import ActionChains

    browser = look(LAPTOP, "light")
    strip = browser.find_element("css selector", "#curves .timeline")
    browser.execute_script("arguments[0].scrollIntoView({ block: 'center' })", strip)
    width = strip.size["width"]
    # Sixteen frames: the middle of the twelfth.
    ActionChains(browser).move_to_element_with_offset(strip, int(width * (11.5 / 16 - 0.5)), 0).perform()
    tip = browser.find_element("css selector", "#curves .tip")
    lines = tip.text.split("\n")
    assert lines[0] == "frame 12"
    # Two outputs, their carried paintings, the clip.
    assert len([float(line) for line in lines[1:]]) == 5
    ActionChains(browser).click().perform()
    assert "frame 12," in browser.find_element("css selector", "output").text


@pytest.mark.parametrize("name", ["style.png", "cuts.txt", "clip/001.png", "good/002.png", "link.html"])
def test_nothing_that_is_measured_is_written_over(
    folder: Path, tmp_path: Path, measured: Callable[..., object], name: str
) -> None:
    for part in ("clip", "good"):
        shutil.copytree(folder / part, tmp_path / part)
    for part in ("style.png", "cuts.txt"):
        shutil.copy(folder / part, tmp_path)
    os.link(tmp_path / "clip" / "002.png", tmp_path / "link.html")
    report = tmp_path / name
    before = report.read_bytes()
    with pytest.raises(OutputError, match="one of the inputs"):
        measured(tmp_path, "good", report=report, overwrite=True)
    assert report.read_bytes() == before


def test_no_name_is_markup(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    [data] = re.findall(r'(?s)<script type="application/json" id="data">(.*?)</script>', text)
    assert "<" not in data
    assert SHOWN in json.loads(data)["tracks"]
    assert text.count("<!--") == text.count("<img") == 0
