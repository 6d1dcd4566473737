"""Text from data, as it may be shown."""

from __future__ import annotations

import os
import subprocess

from vidstyle.printable import printable, shell_words

ODD = ["\x1b]0;title\x07", "\x9b2J", "a\rb", "\u202egpj.exe", "\x7f", "\t", "two\nlines", "\u061c\u200e\u200f"]


def test_nothing_that_a_terminal_obeys_is_left() -> None:
    for text in ODD:
        assert printable(text).isprintable(), text
    assert printable("Ünï 日本 👩\u200d🎨") == "Ünï 日本 👩\u200d🎨"
    assert printable(os.fsdecode(b"\xff")) == "\\udcff"


def test_bash_reads_the_words_as_they_were() -> None:
    words = [*ODD, "it's", "back\\slash\x1b'", os.fsdecode(b"caf\xe9"), "$HOME `id`", "日本", ""]
    command = shell_words(words)
    assert printable(command) == command
    done = subprocess.run(["bash", "-c", f"printf '%s\\0' {command}"], capture_output=True, check=True)
    assert done.stdout.split(b"\0")[:-1] == [os.fsencode(word) for word in words]
