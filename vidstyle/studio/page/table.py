"""The clip and the paintings: dropped, used, shared out and put away."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from nicegui import run, ui

from vidstyle.page.pictures import base64_text
from vidstyle.printable import printable
from vidstyle.studio.desk import Desk, StylePicture
from vidstyle.studio.folder import Kind
from vidstyle.studio.page.text import Text
from vidstyle.studio.page.told import told

_ESCAPED = {"%22": '"', "%0A": "\n", "%0D": "\r"}
"""What a browser makes of these in the name of a file that it sends (HTML, multipart/form-data)."""


class Table:
    """What there is to paint, and to paint it with; `changed` is called once it is another."""

    def __init__(self, desk: Desk, changed: Callable[[], object]) -> None:
        self._desk, self._changed = desk, changed
        with ui.card():
            Text("h2", "Clip")
            self._drop("clip", "Drop a clip or a picture", multiple=False)
            self.clip()
        with ui.card():
            Text("h2", "Paintings")
            self.paintings()
            self._drop("painting", "Drop paintings", multiple=True)

    def _drop(self, kind: Kind, label: str, *, multiple: bool) -> None:
        async def receive(event: Any) -> None:
            title = _unescaped(str(event.file.name))
            try:
                with self._desk.folder.receiving() as (part, file):
                    async for chunk in event.file.iterate():
                        await run.io_bound(file.write, chunk)
                    file.flush()
                    await run.io_bound(self._desk.receive, part, title, kind)
            finally:
                upload.reset()
            self.clip.refresh()
            self.paintings.refresh()
            self._changed()

        upload = ui.upload(label=label, multiple=multiple, auto_upload=True, on_upload=told(receive))
        upload.props(f"flat bordered data-kind={kind}")

    @ui.refreshable_method
    def clip(self) -> None:
        """What the clip is."""
        clip = self._desk.clip
        if clip is None:
            ui.label("None yet.").classes("soft")
            return
        source = clip.source
        ui.label(printable(clip.title)).classes("named")
        about = f"{source.width}×{source.height}"
        if source.kind != "still":
            about += f", {len(source.pts)} frames, {float(source.seconds[-1]):.2f} s"
        ui.label(about).classes("soft")
        for warning in source.warnings:
            ui.label(printable(warning)).classes("soft")

    @ui.refreshable_method
    def paintings(self) -> None:
        """The paintings, each with what it is used for."""
        used = sum(painting.is_used for painting in self._desk.paintings)
        for painting in self._desk.paintings:
            self._painting(painting, several=used > 1)
        for problem in self._desk.problems:
            ui.label(printable(problem)).classes("soft")

    def _painting(self, painting: StylePicture, *, several: bool) -> None:
        with ui.element("div").classes("painting"):
            tick = ui.checkbox(value=painting.is_used).props('dense aria-label="use it"')
            tick.on_value_change(told(lambda event: self._use(painting, bool(event.value))))
            picture = ui.element("img")
            picture.props["src"] = "data:image/jpeg;base64," + base64_text(painting.picture)
            with ui.element("div").classes("named"):
                ui.label(printable(painting.title))
                if painting.masks:
                    ui.label("drawn on frame " + ", ".join(map(str, sorted(painting.masks)))).classes("soft")
                if several and painting.is_used:
                    share = ui.number("Share", value=painting.share, min=0.05, step=0.5).props("dense debounce=400")
                    share.on_value_change(told(lambda event: self._share(painting, event.value)))
            away = ui.button(icon="close", on_click=told(lambda: self._put_away(painting))).props("flat dense round")
            away.props('aria-label="put it away"')

    def _use(self, painting: StylePicture, used: bool) -> None:
        painting.is_used = used
        self.paintings.refresh()
        self._changed()

    def _share(self, painting: StylePicture, share: float | None) -> None:
        if share is not None and 0 < share < 1e9:
            painting.share = float(share)
            self._changed()

    def _put_away(self, painting: StylePicture) -> None:
        self._desk.put_away(painting)
        self.paintings.refresh()
        self._changed()


def _unescaped(name: str) -> str:
    return re.sub("|".join(_ESCAPED), lambda found: _ESCAPED[found[0]], name)
