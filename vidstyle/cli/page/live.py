"""A page and the script beside it, which is written again and again, and which the page reads again and again.

A page from the disk may not fetch anything, but it may add a script to itself. So whatever changes is one script, in
which a function of the page is called with all that there is to show. Both are whole at every moment.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from vidstyle.media.files import publish
from vidstyle.page.page import check_page, check_page_name, printable_values, render_page
from vidstyle.paths import exists, read_regular

PARTS = resources.files("vidstyle.cli.page")
EVERY = 2.0
"""Seconds between two scripts."""
_SIGN = b"vidstyle-live-page"
_LARGEST = 1 << 26


class LivePage:
    """A page named by a user, which must be one of ours if it is there.

    Raises
    ------
    UsageError
        Its name is not a page's.
    OutputError, StorageError
        It is one of the inputs or somebody else's, or can't be written.
    """

    def __init__(self, path: Path, title: str, inputs: Iterable[Path] = (), *, overwrite: bool = False) -> None:
        check_page_name(path, "--page")
        self.path, self._title = path, title
        self.script = path.with_name(f"{path.stem}.now.js")
        inputs = tuple(inputs)
        ours = exists(path) and _is_ours(path)
        check_page(path, inputs, overwrite=overwrite or ours)
        check_page(self.script, inputs, overwrite=overwrite or ours or not exists(path))
        self._written = False

    def write(self, jobs: list[Mapping[str, Any]], *, left: str = "", live: bool = True) -> None:
        """Show the jobs by now, and how long all of them will take, in words; `live`: there is more to come.

        A page that is closed is whole without its script.
        """
        scene = {"title": self._title, "time": time.time(), "every": EVERY, "live": live, "left": left, "jobs": jobs}
        text = json.dumps(printable_values(scene), separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
        publish(self.script, f"take({text});\n".encode(), lasting=not live)
        if not (live and self._written):
            # Encoded here, since what is not printable in it would be escaped on the way.
            data = {"script": quote(os.fsencode(self.script.name)), "sign": _SIGN.decode(), "scene": scene}
            publish(self.path, render_page(self._title, PARTS, ("live.css", "live.js"), data), lasting=not live)
        self._written = True


def _is_ours(path: Path) -> bool:
    try:
        return _SIGN in read_regular(path, _LARGEST)
    except OSError:
        return False
