"""Text from files and their names, as it may be shown: nothing in it moves a cursor, or turns how text runs."""

import os
import re
import shlex
from collections.abc import Iterable
from pathlib import Path

# Control characters and ends of lines, what turns the direction of text, lone surrogates.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    r"""The text on one line, with escapes in place of what is not to be seen but does something.

    >>> printable("\x1b]0;name")
    '\\x1b]0;name'
    """
    return _UNSHOWN.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def path_word(path: Path) -> str:
    """A path as a word of a command, which takes none for a flag.

    >>> path_word(Path("-o.png"))
    './-o.png'
    """
    return f"./{path}" if str(path).startswith("-") else str(path)


def shell_words(words: Iterable[str]) -> str:
    """The words as bash takes them, and as they may be shown.

    >>> shell_words(["a b", "c"])
    "'a b' c"
    """
    return " ".join(shlex.quote(word) if word == printable(word) else _coded(word) for word in words)


def _coded(word: str) -> str:
    codes = (chr(byte) if 32 <= byte < 127 and byte not in b"'\\" else f"\\x{byte:02x}" for byte in os.fsencode(word))
    return f"$'{''.join(codes)}'"
