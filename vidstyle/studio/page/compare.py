"""Previews, two of which stand beside each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from nicegui import ui

from vidstyle.studio.desk import Desk
from vidstyle.studio.page.text import CommandText, Text
from vidstyle.studio.page.told import told
from vidstyle.studio.previews import Preview


class Compare:
    """A strip of looks: one that is pressed is seen beside the clip, or beside the one that is kept there."""

    def __init__(self, desk: Desk, chosen: Callable[[], object]) -> None:
        self._desk, self._chosen = desk, chosen
        self._right: Preview | None = desk.previews.shown[-1] if desk.previews.shown else None
        self._beside: Preview | None = None
        self._seen: object = None
        with ui.card():
            with ui.row().classes("line"):
                Text("h2", "Looks")
                ui.button("Preview this look", on_click=told(self._ask)).props("unelevated no-caps").classes("push")
            self._share = ui.linear_progress(0, show_value=False).props("instant-feedback")
            with ui.element("div").classes("panes"):
                self._panes = [self._pane(), self._pane()]
            with ui.row().classes("full"):
                self._keep = ui.button("Keep it beside", on_click=self._keep_beside).props("flat no-caps dense")
                self._clip = ui.button("Show the clip beside", on_click=self._show_clip).props("flat no-caps dense")
                self._take = ui.button("Take its settings", on_click=told(self._take_up)).props("flat no-caps dense")
            self._strip = ui.element("div").classes("strip")
            self._command = CommandText()
        self.refresh()

    def _pane(self) -> tuple[ui.element, ui.label]:
        with ui.element("figure"):
            picture = ui.element("img").props('decoding=sync alt=""')
            return picture, ui.label().classes("soft named")

    def _ask(self) -> None:
        self._right = self._desk.preview()
        self.refresh()

    def refresh(self) -> None:
        """Show what has come since."""
        shown = list(self._desk.previews.shown)
        if self._right is None or self._right.state == "dropped":
            self._right = shown[-1] if shown else None
        right, beside = self._right, self._beside
        seen = (right, beside, [(one.number, one.state, len(one.picture), len(one.clip)) for one in shown])
        self._share.set_value(right.share if right else 0)
        self._share.set_visibility(right is not None and right.state in ("waiting", "painting"))
        if seen == self._seen:
            return
        self._seen = seen
        for button in (self._keep, self._clip, self._take):
            button.set_visibility(right is not None)
        if right is None:
            self._panes[1][1].set_text("Nothing was previewed yet.")
            return
        if beside is not None and beside is not right:
            self._fill(0, beside, "picture", self._words(beside))
        else:
            self._fill(0, right, "clip", "the clip, " + self._desk_moment(right))
        self._fill(1, right, "picture", self._words(right))
        self._command.show(right.look.command)
        self._strip.clear()
        with self._strip:
            for one in shown:
                pressed = "true" if one is right else "false"
                thumb = ui.element("button").props(f"type=button aria-pressed={pressed}")
                thumb.on("click", partial(self._press, one))
                with thumb:
                    ui.element("img").props["src"] = _address(one, "picture")
                    ui.label(self._words(one))

    def _desk_moment(self, preview: Preview) -> str:
        return f"frame {preview.source.number(preview.index)}"

    def _words(self, preview: Preview) -> str:
        changed = [f"{key.replace('_', ' ')} {value}" for key, value in preview.choice.settings.items()]
        said = {"failed": preview.message, "done": "", "painting": "being painted …"}.get(preview.state, "waiting …")
        names = "+".join(style.path.stem for style in preview.choice.styles)
        return ", ".join(filter(None, [f"{preview.title}: {names}", preview.choice.preset, *changed, said]))

    def _fill(self, place: int, preview: Preview, what: str, words: str) -> None:
        picture, label = self._panes[place]
        if picture.props.get("src") != (source := _address(preview, what)):
            picture.props["src"] = source
            picture.update()
        label.set_text(words)

    def _press(self, preview: Preview) -> None:
        self._right = preview
        self.refresh()

    def _keep_beside(self) -> None:
        self._beside = self._right
        self.refresh()

    def _show_clip(self) -> None:
        self._beside = None
        self.refresh()

    def _take_up(self) -> None:
        if self._right is not None:
            self._desk.choose(self._right.choice)
            self._chosen()


def _address(preview: Preview, what: str) -> str:
    """Where a picture of it is; another picture has another address."""
    return f"/look/{preview.number}/{what}?{preview.state}{len(getattr(preview, what))}"
