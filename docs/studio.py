"""Draws the picture of the studio: a mask, two looks beside each other, and a film at work.

``python docs/studio.py`` paints for some minutes; the page is seen in Chromium, by selenium.
"""

from __future__ import annotations

import base64
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vidstyle.media.images.stills import write_image

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "sample_media"
WORDS = [sys.executable, "-m", "vidstyle", "studio", "clip.mp4", "--style", "wave.jpg", "-o", "sail"]
WIDTH, HEIGHT, SHOWN = 1500, 1300, 1000
"""Of the browser's window, and of the picture."""
_PRESS = "arguments[0].click()"


def draw(out: Path, folder: Path) -> None:
    """The page while half of a film is painted."""
    from selenium import webdriver
    from selenium.webdriver import ActionChains

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    for name in ("clip.mp4", "wave.jpg"):
        shutil.copy(SAMPLES / name, folder)
    with subprocess.Popen(WORDS, cwd=folder, stdout=subprocess.PIPE, text=True) as studio:
        assert studio.stdout is not None
        address = studio.stdout.readline().strip()
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        driver.set_window_size(WIDTH, HEIGHT)
        driver.get(address)

        def press(selector: str, text: str = "") -> None:
            found: Callable[[], Any] = lambda: next(  # noqa: E731
                (one for one in driver.find_elements("css selector", selector) if text in one.text), None
            )
            driver.execute_script(_PRESS, _until(found))

        press(".q-select input[aria-label='Preset']")
        press(".q-menu .q-item", "draft")
        press("button", "Preview this look")
        _until(lambda: driver.find_elements("css selector", ".panes img[src*=done]"))
        press("button", "Keep it beside")
        press(".q-select input[aria-label='Draw where a painting is to be']")
        press(".q-menu .q-item", "wave.jpg")
        canvas = _until(lambda: driver.find_elements("css selector", ".pad-stage canvas:not(.off)"))[0]
        size = canvas.size
        for line in np.linspace(-0.42, -0.02, 9):
            hand = ActionChains(driver, duration=50).move_to_element(canvas)
            hand.move_by_offset(-size["width"] * 9 // 20, int(line * size["height"])).click_and_hold()
            hand.move_by_offset(size["width"] * 9 // 10, 0).release().perform()
        _until(lambda: "@25=" in driver.find_element("css selector", ".wide code").text)
        press("button", "Preview this look")
        _until(lambda: len(driver.find_elements("css selector", ".strip img[src*=done]")) == 2)
        press("button", "Paint the film")
        _until(lambda: driver.find_elements("css selector", ".film figure:last-child img[src^=data]"))
        time.sleep(2)  # the frame at work is a later one by then
        seen = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        driver.quit()
        studio.send_signal(signal.SIGINT)
    pixels = cv2.imdecode(np.frombuffer(base64.b64decode(seen["data"]), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    height = round(pixels.shape[0] * SHOWN / pixels.shape[1])
    small = cv2.resize(pixels.astype(np.float32) / 255, (SHOWN, height), interpolation=cv2.INTER_AREA)
    write_image(out, small.clip(0, 1))


def _until(found: Callable[[], Any]) -> Any:
    while not (value := found()):
        time.sleep(0.2)
    return value


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        draw(HERE / "studio.jpg", Path(name))
