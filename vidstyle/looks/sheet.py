"""The sheet: the clip's frames and the styles above, and all looks below, each with what tells it from the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vidstyle.media.images.stills import quantise
from vidstyle.printable import printable

if TYPE_CHECKING:
    from vidstyle.looks.board import Board

GAP, LINE, FONT = 8, 20, 14
"""Pixels between pictures, of a line of words, and of its letters."""
_MOST = 3
"""Lines of a part of a caption."""
_DIMMED = np.float32(0.35)
"""How bright a frame is in a look that is not begun."""
_INK, _SOFT = (28, 27, 26), (95, 92, 87)
_Captioned = tuple[list[str], np.ndarray]


def draw_sheet(board: Board) -> np.ndarray:
    """The sheet, (H, W, 3) in 0..1."""
    height, width = board.frames[0].shape[:2]
    draw, font = ImageDraw.Draw(Image.new("RGB", (1, 1))), ImageFont.load_default(FONT)

    def captioned(parts: Sequence[str], image: np.ndarray) -> _Captioned:
        return _lines([printable(part) for part in parts], lambda text: draw.textlength(text, font), width), image

    heads = [captioned([name], image) for name, image in zip(board.names, board.frames, strict=True)]
    heads += [captioned([path.name], _within(image, width, height)) for path, image in board.styles]
    bodies = []
    for number, cell in enumerate(board.cells, 1):
        images = [
            _DIMMED * frame if image is None else image for image, frame in zip(cell.images, board.frames, strict=True)
        ]
        first, *others = cell.look.words
        bodies.append(captioned([f"{number}  {first}", *others], _stacked(images)))
    above = _rows(heads, board.columns)
    rows = [*above, *_rows(bodies, board.columns)]
    heights = [max(image.shape[0] + LINE * len(lines) + GAP for lines, image in row) for row in rows]
    canvas = Image.new("RGB", (board.columns * (width + GAP) + GAP, sum(heights) + 2 * GAP), "white")
    draw = ImageDraw.Draw(canvas)
    y = GAP
    for place, row in enumerate(rows):
        y += GAP if place == len(above) else 0
        for column, (lines, image) in enumerate(row):
            x, below = GAP + column * (width + GAP), y + image.shape[0] + 2
            canvas.paste(Image.fromarray(quantise(image, 8)), (x, y))
            for line, text in enumerate(lines):
                draw.text((x, below + LINE * line), text, _INK if place >= len(above) else _SOFT, font)
        y += heights[place]
    return np.asarray(canvas, np.float32) / np.float32(255)


def _lines(parts: list[str], length: Callable[[str], float], room: float) -> list[str]:
    """A caption in as few lines as find room; a part that has none in a line of its own goes on in the next."""
    lines: list[str] = []
    for part in parts:
        joined = f"{lines[-1]}  ·  {part}" if lines else part
        if lines and length(joined) <= room:
            lines[-1] = joined
        else:
            lines += _broken(part, length, room)
    return lines


def _broken(part: str, length: Callable[[str], float], room: float) -> list[str]:
    """The part in lines, broken at a blank where there is one; what finds no room in `_MOST` of them is cut short."""
    lines: list[str] = []
    while part and len(lines) < _MOST:
        fits = next((count for count in range(len(part), 1, -1) if length(part[:count]) <= room), 1)
        at_blank = part.rfind(" ", 1, fits + 1) if fits < len(part) else -1
        cut = at_blank if at_blank >= fits // 3 else fits  # a look's number alone is no line
        lines.append(part[:cut].rstrip())
        part = part[cut:].lstrip()
    if part:
        lines[-1] = f"{lines[-1][:-1]}…"
    return lines


def _rows(cells: list[_Captioned], columns: int) -> list[list[_Captioned]]:
    return [cells[first : first + columns] for first in range(0, len(cells), columns)]


def _stacked(images: list[np.ndarray]) -> np.ndarray:
    gap = np.ones((GAP // 2, images[0].shape[1], 3), np.float32)
    return np.concatenate([part for image in images for part in (image, gap)][:-1])


def _within(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """A picture as large as a frame has room for."""
    scale = min(width / image.shape[1], height / image.shape[0])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
