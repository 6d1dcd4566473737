"""The terminal, on which nothing that data names does anything but be read."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from vidstyle.printable import printable


class Terminal(Console):
    """What people read: messages on stderr, tables on either. Text is no markup, since names may have brackets."""

    def __init__(self, *, stderr: bool = True, quiet: bool = False) -> None:
        super().__init__(stderr=stderr, quiet=quiet, highlight=False, markup=False, emoji=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The renderable's segments; nothing in their text controls the terminal or begins a line."""
        if isinstance(renderable, str):
            renderable = printable(renderable)
        elif isinstance(renderable, Text):  # what ends its lines from here on is the layout's
            renderable = renderable.blank_copy("\\n").join(renderable.split("\n", allow_blank=True))
        for segment in super().render(renderable, options):
            text = "\n".join(map(printable, segment.text.split("\n")))
            yield segment if segment.control else segment._replace(text=text)
