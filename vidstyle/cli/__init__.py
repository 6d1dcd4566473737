"""The command line: parse, call the library, show what it says. Nothing else talks to people."""

from __future__ import annotations


def main() -> None:
    """Run the program with the words of the command line, and exit."""
    from vidstyle.cli.app import app

    app(prog_name="vidstyle")
