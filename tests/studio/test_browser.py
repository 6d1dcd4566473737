"""The studio in a real browser: from a clip that is dropped to the file that the command paints."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.helpers.browser import browser

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

__all__ = ["browser"]

SAMPLES = Path(__file__).resolve().parents[2] / "sample_media"
CLIP = "a';touch pwned;'$(touch pwned)<img src=x onerror=alert(1)>.mp4"
STYLE = '-rf "wave" <script>alert(1).jpg'
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
# Selenium's own look for a text takes a tenth of a second for all that is there.
_FIRST = """const [selector, text] = arguments;
return [...document.querySelectorAll(selector)].find((one) => one.innerText.includes(text)) ?? null"""
VIDSTYLE = (sys.executable, "-m", "vidstyle")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A studio in a folder, and its address."""
    pytest.importorskip("nicegui", reason="the studio's page is made with NiceGUI (pip install 'vidstyle[studio]')")
    words = [*VIDSTYLE, "studio", "-o", "kept"]
    with subprocess.Popen(
        words, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


class Page:
    """The page, by what people see of it."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def until(self, found: Callable[[], Any], seconds: float = 240) -> Any:
        """Wait for something; the time is only there so that a test ends."""
        from selenium.common.exceptions import ElementNotInteractableException, StaleElementReferenceException

        # It was drawn anew meanwhile, or a menu that closes still keeps the focus.
        not_yet = (StaleElementReferenceException, ElementNotInteractableException)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(*not_yet):
                if value := found():
                    return value
            time.sleep(0.2)  # each look costs the browser a layout
        raise AssertionError(self.text())

    def one(self, selector: str) -> WebElement:
        found: WebElement = self.until(lambda: self.driver.find_elements("css selector", selector))[0]
        return found

    def first(self, selector: str, text: str = "") -> WebElement | None:
        """The first of its kind that says something."""
        found: WebElement | None = self.driver.execute_script(_FIRST, selector, text)
        return found

    def press_button(self, text: str) -> None:
        self.press(lambda: self.first("button:not(:disabled)", text))

    def says(self, text: str) -> bool:
        return text in self.text()

    def text(self) -> str:
        """All that it says."""
        return str(self.driver.execute_script("return document.body.innerText"))

    def drop(self, kind: str, path: Path) -> None:
        """Drag a file from the desktop onto a place."""
        box = self.one(f"[data-kind={kind}]").rect
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        for step in ("dragEnter", "dragOver", "drop"):
            self.driver.execute_cdp_cmd("Input.dispatchDragEvent", {"type": step, **at, "data": data})

    def press(self, found: Callable[[], WebElement | None]) -> None:
        def pressed() -> bool:
            if (one := found()) is not None:
                self.driver.execute_script("arguments[0].click()", one)
            return one is not None

        self.until(pressed)

    def choose(self, label: str, option: str) -> None:
        self.press(lambda: self.first(f".q-select input[aria-label='{label}']"))
        self.press(lambda: self.first(".q-menu .q-item", option))
        self.until(lambda: self.first(".q-menu") is None)  # while it closes, no other field takes the focus

    def write(self, label: str, text: str) -> None:
        def written() -> bool:
            field = self.first(f"input[aria-label='{label}']")
            if field is None or not field.is_displayed():
                return False
            field.send_keys(text)
            return True

        self.until(written)

    def command(self) -> str:
        code = self.first(".wide .command code")
        return code.text if code else ""


@pytest.mark.slow
def test_from_a_clip_that_is_dropped_to_the_film(
    browser: Chrome, studio: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    process, address = studio
    clip, style = tmp_path / CLIP, tmp_path / STYLE
    shutil.copy(SAMPLES / "clip.mp4", clip)
    shutil.copy(SAMPLES / "wave.jpg", style)
    browser.get(address)
    page = Page(browser)
    page.drop("clip", clip)
    page.until(lambda: page.says(CLIP) and page.says("48 frames"))
    page.drop("painting", style)
    page.until(lambda: page.says(STYLE))
    page.until(lambda: "--preset standard" in page.command())

    page.choose("Preset", "draft")
    page.write("Width (long side, in pixels)", "96")
    page.press(lambda: page.first(".q-expansion-item .q-item"))
    page.write("Only this part (10-40, 13s-17s)", "19-26")
    page.write("Steps of a first frame", "3")
    page.write("Steps of a later frame", "4")
    page.write("In-betweens", "0")
    page.until(lambda: "--max-inbetweens 0" in page.command() and "--steps 4" in page.command())

    page.choose("Draw where a painting is to be", STYLE)
    canvas = page.one(".pad-stage canvas:not(.off)")
    from selenium.webdriver import ActionChains

    width, height = canvas.size["width"], canvas.size["height"]
    strokes = ActionChains(browser).move_to_element_with_offset(canvas, -width // 3, 0).click_and_hold()
    strokes.move_by_offset(width // 2, height // 8).release().perform()
    page.until(lambda: "@25=" in page.command())

    page.press_button("Preview this look")
    page.until(lambda: browser.find_elements("css selector", ".panes img[src*=done]"))
    tiles = "return [...document.querySelectorAll('.strip button')].map((one) => one.scrollWidth <= one.clientWidth)"
    assert browser.execute_script(tiles) == [True]  # a long name stays in its tile

    command = shlex.split(page.command())
    page.press_button("Paint the film")
    work = tmp_path / f"{command[-1]}.vidstyle"
    while not list(work.glob("shots/*/frames/*.png")):
        assert not page.says("ended with an error"), page.text()
        time.sleep(0.1)
    page.press_button("Stop")
    page.until(lambda: page.says("stopped: it goes on from here"))
    left = len(list(work.glob("shots/*/frames/*.png")))
    assert 0 < left < 8
    page.press_button("Go on")
    page.until(lambda: page.says("done: ") and page.says("Take "))
    with urlopen(
        Request(f"{address.partition('/?')[0]}/film/{Path(command[-1]).name}", headers=_cookie(browser))
    ) as got:
        taken = got.read()
    assert taken == (tmp_path / command[-1]).read_bytes()
    assert _refused(address.partition("/?")[0], f"/film/{Path(command[-1]).name}", _cookie(browser))

    words = [*VIDSTYLE, *command[1:-1], "again.mp4"]
    subprocess.run(words, cwd=tmp_path, env=ENVIRONMENT, check=True, capture_output=True)
    assert taken == (tmp_path / "again.mp4").read_bytes()

    # The page says that a browser is to fetch nothing from elsewhere, and what tries is an error.
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    names = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert all(name.startswith((address.partition("/?")[0], "data:")) for name in names)
    assert not (tmp_path / "pwned").exists()
    assert {path.name for path in tmp_path.iterdir()} == {CLIP, STYLE, "kept", "again.mp4"}
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert "the studio has ended" in said


def _refused(base: str, film: str, cookie: dict[str, str]) -> bool:
    """Whether nobody gets anything without the token, nor with it by another name or on another page's behalf."""
    socket = "/_nicegui_ws/socket.io/?EIO=4&transport="
    strangers = [(path, {}) for path in ("/", film, "/frame/24", "/look/1/clip", "/openapi.json", f"{socket}polling")]
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    strangers += [(f"{socket}websocket", upgrade | {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="})]
    strangers += [("/", cookie | {"Host": "evil.example"}), (film, cookie | {"Origin": "http://evil.example"})]
    for path, headers in strangers:
        with pytest.raises(HTTPError, match="403"):
            urlopen(Request(base + path, headers=headers))
    return True


def _cookie(browser: Chrome) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in browser.get_cookies())}
