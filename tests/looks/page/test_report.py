"""The page that looks are compared in, in a real browser."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.helpers.browser import LAPTOP, PHONE, browser, opened
from vidstyle.looks.board import Board, Cell, Look
from vidstyle.looks.page.report import write_report
from vidstyle.looks.sheet import _lines, draw_sheet
from vidstyle.settings import Settings, StyleImage

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

__all__ = ["browser"]

WICKED = "<!--<script><img src=x onerror=alert(1)>"
SIZE = (90, 160)
WATCH = """
window.blank = 0;
const look = () => {
  for (const image of document.images) {
    if (image.offsetParent && !(image.complete && image.naturalWidth)) window.blank += 1;
  }
  requestAnimationFrame(look);
};
look();
"""


@pytest.fixture(scope="module")
def board() -> Board:
    """Nine looks of two frames, each of one grey; the last is not begun."""
    look = Look((StyleImage(Path(WICKED)),), Settings(), (WICKED, "style weight 5"), "")
    cells = tuple(
        Cell(
            Look(
                look.styles,
                look.settings,
                (WICKED, f"style weight {number}"),
                f"vidstyle 'a b.mp4' --style-weight {number}",
            ),
            [None if number == 8 else np.full((*SIZE, 3), (number + 1) / 10, np.float32)] * 2,
            0 if number == 8 else 2,
        )
        for number in range(9)
    )
    frame = np.full((*SIZE, 3), 0.5, np.float32)
    return Board(f"{WICKED} in 9 looks", ("frame 1", "frame 2"), (frame, frame), ((Path(WICKED), frame),), cells, 3)


@pytest.fixture(scope="module")
def page(board: Board, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("looks") / "looks.html"
    write_report(path, board)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(("size", "scheme"), [(LAPTOP, "light"), (PHONE, "dark")], ids=["laptop", "phone"])
def test_two_looks_stand_beside_each_other(browser: Chrome, page: Path, size: tuple[int, int], scheme: str) -> None:
    opened(browser, page, size, scheme)
    find, many = browser.find_element, browser.find_elements
    titles = lambda: [one.text for one in many("css selector", ".pane-foot strong")]  # noqa: E731
    assert titles() == ["the clip", f"{WICKED} · style weight 0"]
    press = lambda element: browser.execute_script("arguments[0].click()", element)  # noqa: E731
    press(many("css selector", ".look")[3])
    press(find("xpath", "//button[text()='Keep it beside']"))
    press(many("css selector", ".look")[5])
    assert titles() == [f"{WICKED} · style weight {number}" for number in (3, 5)]
    assert [code.text for code in many("css selector", "code")] == [
        f"vidstyle 'a b.mp4' --style-weight {number}" for number in (3, 5)
    ]
    press(find("xpath", "//button[text()='frame 2']"))
    press(find("xpath", "//button[text()='Show the clip']"))
    assert titles() == ["the clip", f"{WICKED} · style weight 5"]
    press(find("css selector", ".command button"))
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
    assert browser.execute_script("return [...document.images].every(image => image.naturalWidth > 0)")
    assert not browser.execute_script(
        "return performance.getEntriesByType('resource').some(e => !e.name.startsWith('data:'))"
    )


@pytest.mark.slow
def test_what_is_painted_meanwhile_is_shown_without_a_flash(browser: Chrome, board: Board, tmp_path: Path) -> None:
    page = tmp_path / "looks.html"
    write_report(page, board)
    opened(browser, page, LAPTOP, "light")
    browser.execute_script("document.querySelectorAll('.look')[8].click()")
    browser.execute_script(WATCH)
    last = replace(board.cells[8], images=[np.full((*SIZE, 3), 0.9, np.float32)] * 2, done=2)
    write_report(page, replace(board, cells=(*board.cells[:8], last)))
    browser.set_script_timeout(30)
    browser.execute_async_script(
        "const done = arguments[0]; const look = () => (data.finished ? done() : setTimeout(look, 20)); look();"
    )
    seen = "return [blank, document.querySelectorAll('.look.waiting').length, right.image.src === thumbs[8].image.src]"
    assert browser.execute_script(seen) == [0, 0, True]
    assert browser.find_element("css selector", ".warning").is_displayed() is False
    assert "all done" in browser.find_element("css selector", "header").text
    assert browser.find_elements("css selector", "iframe") == []
    assert browser.get_log("browser") == []


@pytest.mark.slow
def test_what_is_higher_than_wide_fits_into_the_window(browser: Chrome, board: Board, tmp_path: Path) -> None:
    tall = np.full((160, 60, 3), 0.5, np.float32)
    cells = tuple(replace(cell, images=[tall, tall], done=2) for cell in board.cells)
    write_report(tmp_path / "looks.html", replace(board, frames=(tall, tall), cells=cells))
    opened(browser, tmp_path / "looks.html", LAPTOP, "light")
    heights = browser.execute_script("return [...document.images].map(image => image.height)")
    assert 0 < max(heights) < LAPTOP[1]
    assert browser.get_log("browser") == []


def test_no_name_is_markup(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    [data] = re.findall(r'(?s)<script type="application/json" id="data">(.*?)</script>', text)
    assert "<" not in data
    assert json.loads(data)["cells"][0]["words"][0] == WICKED
    assert text.count("<!--") == text.count("<img") == 0


def test_the_sheet_has_all_of_them(board: Board) -> None:
    """Three rows of two frames each, with captions of three lines, under the clip's and the style's."""
    sheet = draw_sheet(board)
    assert sheet.shape[1] == 3 * 160 + 4 * 8
    below = 3 * 20 + 8
    greys = [sheet[-below - 30 - (2 * 90 + 4 + below) * row, 30] for row in range(3)]
    np.testing.assert_allclose(greys, [[level] * 3 for level in (0.7, 0.4, 0.1)], atol=0.01)


def test_a_caption_says_all_that_tells_a_look_from_the_others() -> None:
    """On a narrow frame "style weight 5" and "style weight 60" were both "style weig…"."""
    length = lambda text: 10.0 * len(text)  # noqa: E731
    assert _lines(["1  wave.jpg", "style weight 60"], length, 110) == ["1  wave.jpg", "style", "weight 60"]
    assert _lines(["1  starry_night_2.jpg", "seed 3"], length, 110) == ["1  starry_n", "ight_2.jpg", "seed 3"]
    assert _lines(["a", "b", "x" * 99], length, 110) == ["a  ·  b", "x" * 11, "x" * 11, "x" * 10 + "…"]
