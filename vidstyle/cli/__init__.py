"""The command line: parse, call the library, show what it says. Nothing else talks to people."""

from __future__ import annotations


def program() -> None:
    """Run the program in a process that is its own, and exit."""
    from vidstyle.cli.tuning import reexec_with_malloc_tunables

    reexec_with_malloc_tunables()
    main()


def main() -> None:
    """Run the program with the words of the command line, and exit."""
    import sys
    import warnings

    from vidstyle.cli.tuning import tune

    tune()

    from vidstyle.cli.app import app

    if not sys.warnoptions:  # what libraries say to developers; python -W or PYTHONWARNINGS shows it
        warnings.simplefilter("ignore")
    app(prog_name="vidstyle")
