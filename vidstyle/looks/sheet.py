"""The sheet: the clip's frames and the styles above, and all looks below, each with what tells it from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vidstyle.printable import printable

if TYPE_CHECKING:
    from vidstyle.looks.board import Board

GAP, LINE, FONT = 8, 20, 14
"""Pixels between pictures, of a line of words, and of its letters."""
_DIMMED = np.float32(0.35)
"""How bright a frame is in a look that is not begun."""
_INK, _SOFT = (28, 27, 26), (95, 92, 87)


def draw_sheet(board: Board) -> np.ndarray:
    """The sheet, (H, W, 3) in 0..1."""
    height, width = board.frames[0].shape[:2]
    styles = [(path.name, _within(image, width, height)) for path, image in board.styles]
    head = [*((name, image) for name, image in zip(board.names, board.frames, strict=True)), *styles]
    bodies = []
    for number, cell in enumerate(board.cells, 1):
        images = [
            _DIMMED * frame if image is None else image for image, frame in zip(cell.images, board.frames, strict=True)
        ]
        bodies.append((f"{number}  " + "  ·  ".join(cell.look.words), _stacked(images)))
    room = board.columns * (width + GAP) - GAP
    heads = _rows(head, max(1, (room + GAP) // (width + GAP)))
    rows = [*heads, *_rows(bodies, board.columns)]
    tall = GAP + sum(max(image.shape[0] for _, image in row) + LINE + GAP for row in rows) + GAP
    canvas = Image.new("RGB", (room + 2 * GAP, tall), "white")
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(FONT)
    y = GAP
    for place, row in enumerate(rows):
        y += GAP if place == len(heads) else 0
        for column, (words, image) in enumerate(row):
            x = GAP + column * (width + GAP)
            pixels = (image.clip(0, 1) * 255).round().astype(np.uint8)
            canvas.paste(Image.fromarray(pixels), (x, y))
            text = _short(printable(words), draw, font, width)
            draw.text((x, y + image.shape[0] + 2), text, _INK if place >= len(heads) else _SOFT, font)
        y += max(image.shape[0] for _, image in row) + LINE + GAP
    return np.asarray(canvas, np.float32) / np.float32(255)


def _rows(cells: list[tuple[str, np.ndarray]], columns: int) -> list[list[tuple[str, np.ndarray]]]:
    return [cells[first : first + columns] for first in range(0, len(cells), columns)]


def _stacked(images: list[np.ndarray]) -> np.ndarray:
    gap = np.ones((GAP // 2, images[0].shape[1], 3), np.float32)
    return np.concatenate([part for image in images for part in (image, gap)][:-1])


def _within(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """A picture as large as a frame has room for."""
    scale = min(width / image.shape[1], height / image.shape[0])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def _short(words: str, draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, room: int) -> str:
    """The words, or as many of them as find room."""
    if draw.textlength(words, font) <= room:
        return words
    while words and draw.textlength(f"{words}…", font) > room:
        words = words[:-1]
    return f"{words}…"
