"""A page: one file with its style, its scripts and its data, in which nothing that data names is obeyed."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import Any

from vidstyle.errors import OutputError, UsageError
from vidstyle.media.files import check_writable, exists_already, no_folder, storage_error
from vidstyle.media.output.destination import check_not_input
from vidstyle.printable import printable

SHARED = resources.files("vidstyle.page")
"""The template, and the style and script that all pages have, beside this file."""


def check_page_name(path: Path, flag: str) -> None:
    """Make sure that a page's name, the value of a flag, is one that browsers know.

    Raises
    ------
    UsageError
        It ends in something else.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{flag} {path}: a page ends in .html, so that a browser knows it.")


def check_page(path: Path, inputs: Iterable[Path], *, overwrite: bool) -> None:
    """Make sure, before any work, that a page, or a picture that stands by itself, can be written.

    Raises
    ------
    OutputError
        It is one of the inputs or a folder, it exists, or its folder isn't there or can't be written.
    """
    try:
        if path.is_dir():
            raise OutputError(f"'{path}' is a folder: name a file in it, such as report.html.")
        check_not_input([path], inputs)
        if path.exists() and not overwrite:
            raise exists_already(path)
        if not path.parent.is_dir():
            raise no_folder(path)
        check_writable(path)
    except OSError as error:
        raise storage_error(path, error) from error


def render_page(title: str, folder: Traversable, parts: Sequence[str], data: Any) -> bytes:
    """A page with styles and scripts of a room, the `parts` in its `folder`, over the shared ones.

    Its scripts find the data, plain values, in the element of that name.
    """
    data = printable_values(data)
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in parts}
    shared = {name: (SHARED / name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "dom.js")}
    filled = {
        "TITLE": html.escape(printable(title)),
        "STYLE": shared["page.css"] + "\n".join(text for name, text in texts.items() if name.endswith(".css")),
        "SCRIPT": shared["dom.js"] + "\n".join(text for name, text in texts.items() if name.endswith(".js")),
        # A "</script>" in a file's name must not end the element, nor a "<!--<script>" keep it from ending.
        "DATA": json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"),
    }
    return Template(shared["page.html"]).substitute(filled).encode(errors="replace")  # names need not be UTF-8


def printable_values(value: Any) -> Any:
    """Plain values whose texts are all such as may be shown."""
    if isinstance(value, dict):
        return {key: printable_values(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [printable_values(inner) for inner in value]
    return printable(value) if isinstance(value, str) else value
