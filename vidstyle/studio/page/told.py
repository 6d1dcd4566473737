"""What goes wrong in the page is told there, in a sentence."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

from nicegui import ui

from vidstyle.errors import VidstyleError
from vidstyle.printable import printable

F = TypeVar("F", bound=Callable[..., Any])


def told(function: F) -> F:
    """Let an error of a handler end in a sentence that the page shows."""

    @functools.wraps(function)
    async def handler(*arguments: Any) -> None:
        try:
            done = function(*arguments)
            if inspect.isawaitable(done):
                await done
        except VidstyleError as error:
            say(str(error))
        except OSError as error:
            say(f"{error.filename or 'a file'}: {error.strerror}")

    return cast(F, handler)


def say(sentence: str, kind: str = "negative") -> None:
    """Show a sentence for a while; it is text, whatever is in it."""
    ui.notify(printable(sentence), type=cast(Any, kind), multi_line=True, timeout=12_000, close_button="OK")
