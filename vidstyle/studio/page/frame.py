"""The frame that is looked at, and what is drawn on it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from nicegui import run, ui

from vidstyle.errors import InputError
from vidstyle.printable import printable
from vidstyle.studio.desk import Desk, StylePicture
from vidstyle.studio.page.mask_pad import MaskPad
from vidstyle.studio.page.text import Text
from vidstyle.studio.page.told import told


class Frame:
    """A slider through the clip, and the pad; `changed` is called when a mask is another."""

    def __init__(self, desk: Desk, changed: Callable[[], object]) -> None:
        self._desk, self._changed = desk, changed
        self._masked: StylePicture | None = None
        with ui.card():
            Text("h2", "Frame")
            with ui.row().classes("line"):
                self._slider = ui.slider(min=0, max=1, value=0).props("aria-label=frame").classes("grow")
                self._slider.on_value_change(self._moved)
                self._step(-1, "chevron_left", "a frame back")
                self._step(1, "chevron_right", "a frame on")
            self._moment = ui.label().classes("soft")
            self._pad = MaskPad(told(self._drawn))
            self._choose = ui.select({}, label="Draw where a painting is to be").classes("full")
            self._choose.on_value_change(self._chosen)
        self.refresh()

    def _step(self, by: int, icon: str, label: str) -> None:
        def go() -> None:
            self._slider.value = min(max(self._desk.index + by, 0), self._slider.props["max"])

        ui.button(icon=icon, on_click=go).props(f'flat dense round aria-label="{label}"')

    def refresh(self) -> None:
        """Show the desk's clip, frame and paintings."""
        desk = self._desk
        count = len(desk.clip.source.pts) if desk.clip else 1
        self._slider.props["max"] = max(count - 1, 1)
        self._slider.set_visibility(count > 1)
        self._slider.value = desk.index
        if self._masked not in desk.paintings or not (self._masked and self._masked.is_used):
            self._masked = None
        used = {id(painting): printable(painting.title) for painting in desk.paintings if painting.is_used}
        self._choose.set_options(
            {0: "nowhere: it is painted all over", **used}, value=id(self._masked) if self._masked else 0
        )
        self._show()

    def _show(self) -> None:
        desk, masked = self._desk, self._masked
        if desk.clip is None:
            self._moment.set_text("Drop a clip to see it.")
            return
        width, height = desk.drawn_size()
        kept = masked.masks.get(desk.number) if masked else None
        self._moment.set_text(desk.moment(desk.index))
        self._pad.show(
            {
                "src": f"/frame/{desk.index}?{id(desk.clip)}",
                "mask": f"/mask/{desk.paintings.index(masked)}/{desk.number}?{kept.name}" if masked and kept else "",
                "number": desk.number,
                "width": width,
                "height": height,
                "active": masked is not None,
            }
        )

    def _moved(self, event: Any) -> None:
        if self._desk.clip is not None and int(event.value) != self._desk.index:
            self._desk.index = min(max(int(event.value), 0), len(self._desk.clip.source.pts) - 1)
            self._show()

    def _chosen(self, event: Any) -> None:
        found = [painting for painting in self._desk.paintings if id(painting) == event.value]
        self._masked = found[0] if found else None
        self._show()

    async def _drawn(self, values: dict[str, Any]) -> None:
        masked, number = self._masked, values.get("number")
        if masked is None or not isinstance(number, int):
            return
        try:
            picture = base64.b64decode(str(values.get("picture")), validate=True)
        except (binascii.Error, ValueError):
            raise InputError("the mask is no picture: draw it again.") from None
        await run.io_bound(self._desk.draw, masked, number, picture)
        self._show()
        self._changed()
