"""The command line: it parses, calls the library and shows what the library yields. Nothing else prints."""


def program() -> None:
    """Run the program in a process of its own, and exit."""
    from vidstyle.cli.show.streams import open_missing_streams
    from vidstyle.cli.tuning import reexec_with_malloc_tunables

    open_missing_streams()
    reexec_with_malloc_tunables()
    main()


def main() -> None:
    """Run the program with the arguments of the command line, and exit."""
    import sys
    import warnings

    from vidstyle.cli.tuning import tune

    tune()

    from vidstyle.cli.app import app
    from vidstyle.cli.show.streams import prepare_streams

    prepare_streams()

    if not sys.warnoptions:  # they are for developers; python -W or PYTHONWARNINGS shows them
        warnings.simplefilter("ignore")
    app(prog_name="vidstyle")
