"""The reporter: it prints messages on stderr, as many as the flags ask for."""

import time
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from vidstyle.cli.show.terminal import Terminal
from vidstyle.errors import UsageError


@dataclass(frozen=True)
class Reporter:
    """Prints messages on stderr, and knows the style in which progress is shown, by its name.

    The `label` is what they are about, where there is more than one clip.
    """

    console: Console
    progress: str
    verbose: bool = False
    label: str = ""

    def say(self, sentence: str, style: str = "") -> None:
        """Print a line of text, with the time of day where it goes into a log."""
        stamp = time.strftime("%H:%M:%S  ") if self.progress == "plain" else ""
        about = f"{self.label}: " if self.label else ""
        self.console.print(Text(stamp + about + sentence, style), soft_wrap=not self.console.is_terminal)


def reporter_for(progress: str = "auto", *, json: bool = False, quiet: bool = False, verbose: bool = False) -> Reporter:
    """The reporter that the flags ask for; "auto" is a live bar on a terminal, and lines elsewhere.

    Raises
    ------
    UsageError
        The flags contradict each other.
    """
    if quiet and verbose:
        raise UsageError("--quiet and --verbose contradict each other: take one.")
    if quiet and progress in ("rich", "plain"):
        raise UsageError(f"--quiet and --progress {progress} contradict each other: take one.")
    if json and progress not in ("auto", "json"):
        raise UsageError(f"--json and --progress {progress} contradict each other: take one.")
    console = Terminal(quiet=quiet)
    if json:
        progress = "json"
    elif progress == "auto":
        progress = "none" if quiet else "rich" if console.is_terminal and not console.is_dumb_terminal else "plain"
    return Reporter(console, progress, verbose)
