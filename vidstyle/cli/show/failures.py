"""Errors as a sentence and an exit code; with ``--debug``, also as a traceback."""

import errno
import functools
import inspect
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

import typer

from vidstyle.cli.show.streams import drop
from vidstyle.errors import StorageError, VidstyleError, traceback_lines

F = TypeVar("F", bound=Callable[..., Any])
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Interrupted(KeyboardInterrupt):
    """A signal ended the run, and the program ends with `exit_code`."""

    def __init__(self, exit_code: int, *lines: str) -> None:
        super().__init__(*lines)
        self.exit_code = exit_code

    def __str__(self) -> str:
        return "\n".join(self.args)


def guarded(function: F) -> F:
    """Let a command end in a sentence on stderr and an exit code, whatever happens in it."""

    @functools.wraps(function)
    def command(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (typer.Exit, typer.Abort):
            raise
        except BrokenPipeError:
            raise typer.Exit(StorageError.exit_code) from None
        except (Exception, KeyboardInterrupt) as error:
            lines, code = explain(error)
            complain(*lines, details=traceback_lines(error) if kwargs.get("debug") else ())
            raise typer.Exit(code) from error
        finally:
            try:
                sys.stdout.flush()
            except OSError:
                drop(sys.stdout)

    # Typer reads the flags from here, past the wrapper.
    command.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
    return cast(F, command)


def explain(error: BaseException) -> tuple[tuple[str, ...], int]:
    """A sentence that says what is wrong and what to do, with the lines below it, and the exit code."""
    if isinstance(error, VidstyleError | Interrupted):
        return tuple(map(str, error.args)), error.exit_code
    sentence, code = _explain_foreign(error)
    return (sentence,), code


def _explain_foreign(error: BaseException) -> tuple[str, int]:
    match error:
        case KeyboardInterrupt():
            return "stopped.", 130
        case OSError() if error.errno in _FULL:
            where = f"{error.filename}: " if error.filename else ""
            return (
                f"{where}the disk is full. What is finished is safe: free some space, run the command again.",
                StorageError.exit_code,
            )
        case PermissionError():
            return f"'{error.filename}' may not be used: change its permissions.", StorageError.exit_code
        case _ if _is_out_of_memory(error):
            return (
                "there is not enough memory for frames of this size: take a smaller --size, or close other "
                "programs. What is finished is safe.",
                StorageError.exit_code,
            )
        case _:
            return (
                f"an error that should not happen: {type(error).__name__}: {error}. "
                "Please run the same command again with --debug, and report what it prints.",
                1,
            )


def complain(*lines: str, details: Iterable[str] = ()) -> None:
    """Print an error on stderr, below its details."""
    from rich.text import Text

    from vidstyle.cli.show.terminal import Terminal

    terminal = Terminal()
    first = Text.assemble(("vidstyle: ", "bold red"), (" ".join(lines[:1]), "red"))
    for line in (*map(Text, details), first, *(Text(line, "red") for line in lines[1:])):
        terminal.print(line, soft_wrap=True)


def _is_out_of_memory(error: BaseException) -> bool:
    # torch has no common class: OutOfMemoryError on CUDA, a RuntimeError with these words on a CPU or MPS.
    words = ("can't allocate memory", "not enough memory", "out of memory", "insufficient memory")
    known = type(error).__module__.split(".")[0] in ("torch", "cv2", "builtins")
    return isinstance(error, MemoryError) or (known and any(some in str(error).lower() for some in words))
