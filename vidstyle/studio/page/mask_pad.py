"""A frame to draw a mask on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui.element import Element


class MaskPad(Element, component="mask_pad.js"):
    """The frame, and over it what is drawn; `drawn` is called with ``number``, the frame's, and ``picture``, base64."""

    def __init__(self, drawn: Callable[[dict[str, Any]], object]) -> None:
        super().__init__()
        self.on("drawn", lambda event: drawn(event.args))
        self.show({"src": "", "mask": "", "number": 0, "width": 16, "height": 9, "active": False})

    def show(self, values: dict[str, Any]) -> None:
        """Show a frame (`src`, its `number`, `width` and `height`) and a `mask`; both are addresses."""
        for key, value in values.items():
            self.props[key] = value
        self.update()
