"""Draws the README's pictures of choosing a look and of watching a film: the sheet of ``vidstyle looks``, a ``--page``.

``python docs/choosing.py`` paints the sample clip for some minutes; the page is seen in Chromium, by selenium, as it is
when half of the frames are done.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from vidstyle.media.images.stills import read_image, write_image

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "sample_media"
PROGRAM = [sys.executable, "-m", "vidstyle"]
ASKED = [str(SAMPLES / "clip.mp4"), "--style", str(SAMPLES / "wave.jpg")]
SMALL = ["--preset", "draft", "--size", "160"]
WIDTH, HEIGHT = 1000, 1100
"""Of the browser's window."""


def draw_sheet(out: Path, folder: Path) -> None:
    """The sheet of nine looks."""
    sheet = folder / "sheet.png"
    vary = ["--vary", "style_weight=5,20,60", "--vary", "style_scale=0.5,1,2"]
    subprocess.run([*PROGRAM, "looks", *ASKED, *vary, *SMALL, "--at", "16", "-o", str(sheet)], check=True)
    write_image(out, read_image(sheet))


def draw_page(out: Path, folder: Path) -> None:
    """The page when half of the frames are done."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
    for flag in (*flags, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    page = folder / "film.html"
    words = [*ASKED, *SMALL, "--frames", "13-30", "-o", str(folder / "painted.mp4"), "--page", str(page)]
    with subprocess.Popen([*PROGRAM, *words]) as painting:
        while not page.exists() and painting.poll() is None:
            time.sleep(0.1)
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        driver.set_window_size(WIDTH, HEIGHT)
        driver.get(page.as_uri())
        half = "return !latest.live || latest.jobs.some((job) => job.done >= job.total / 2 && job.panels.length)"
        while not driver.execute_script(half):
            time.sleep(0.5)
        seen = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        driver.quit()
    pixels = cv2.imdecode(np.frombuffer(base64.b64decode(seen["data"]), np.uint8), cv2.IMREAD_COLOR)
    write_image(out, _trimmed(pixels[..., ::-1].astype(np.float32) / 255))


def _trimmed(image: np.ndarray) -> np.ndarray:
    """The image without the bare ground below the page."""
    bare = (np.abs(image - image[-1, -1]) < 2 / 255).all((1, 2))
    return image[: len(image) - int(np.argmin(bare[::-1])) + 24]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        draw_sheet(HERE / "looks.jpg", Path(name))
        draw_page(HERE / "page.jpg", Path(name))
