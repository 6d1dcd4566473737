"""The page that looks are compared in: one file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vidstyle.media.files import publish
from vidstyle.media.images.stills import quantise
from vidstyle.page.page import render_page
from vidstyle.page.pictures import base64_text, encode, fit

if TYPE_CHECKING:
    from vidstyle.looks.board import Board

PARTS = resources.files("vidstyle.looks.page")
LONGEST, THUMBNAIL = 960, 160
"""Pixels along the long side of a look, and of a style."""
_QUALITY = 85


def write_report(report: Path, board: Board) -> None:
    """Write the page, as far as the looks have come.

    Raises
    ------
    OutputError, StorageError
        It can't be written.
    """
    publish(report, render_page(board.title, PARTS, ("looks.css", "looks.js"), page_data(board)))


def page_data(board: Board) -> dict[str, Any]:
    """All that the page shows, as plain values."""
    done = sum(cell.done == len(board.frames) for cell in board.cells)
    height, width = board.frames[0].shape[:2]
    return {
        "title": board.title,
        "facts": [f"{width}×{height}", f"{done} of {len(board.cells)} done" if done < len(board.cells) else "all done"],
        "finished": done == len(board.cells),
        "size": [width, height],
        "columns": board.columns,
        "frames": list(board.names),
        "clip": [_picture(image, LONGEST) for image in board.frames],
        "styles": [{"name": path.name, "picture": _picture(image, THUMBNAIL)} for path, image in board.styles],
        "cells": [
            {
                "words": list(cell.look.words),
                "command": cell.look.command,
                "pictures": [None if image is None else _picture(image, LONGEST) for image in cell.images],
                "done": cell.done == len(board.frames),
            }
            for cell in board.cells
        ],
    }


def _picture(image: np.ndarray, longest: int) -> str:
    small = fit(image.astype(np.float32), longest * longest, longest)
    return base64_text(encode(quantise(small, 8), _QUALITY))
