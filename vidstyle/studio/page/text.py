"""Text in the page: it is text, whatever is in it; and a command that can be copied."""

from __future__ import annotations

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

_COPY = """(event) => {
  const code = event.currentTarget.closest(".command").querySelector("code");
  navigator.clipboard.writeText(code.textContent).catch(() => getSelection().selectAllChildren(code));
}"""


class Text(TextElement):
    """An element of a kind, such as ``h2``, with a text."""

    def __init__(self, tag: str, text: str = "") -> None:
        super().__init__(tag=tag, text=text)


class CommandText:
    """A command as a shell takes it, which may change, with a button that copies it."""

    def __init__(self) -> None:
        with ui.element("div").classes("command") as self._line:
            self._code = Text("code")
            ui.button("Copy").props("flat dense no-caps").on("click", js_handler=_COPY)
        self.show("")

    def show(self, text: str) -> None:
        """Show a command; none: nothing is shown."""
        self._code.set_text(text)
        self._line.set_visibility(bool(text))
