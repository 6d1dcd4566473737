"""``vidstyle weights``: which network weights are on this machine."""

from vidstyle.cli import options


@options.command()
def weights(json: options.Json = False, debug: options.Debug = False) -> None:
    """List the weights that --network and --network-weights can name, and whether they are here."""
    from vidstyle.cli.show.words import byte_count
    from vidstyle.style.network.weights import available_weights

    found = available_weights()
    if json:
        from vidstyle.cli.show.progress import emit

        for info in found:
            emit(
                {
                    "type": "weights",
                    "name": info.name,
                    "network": info.network,
                    "present": info.present,
                    "path": str(info.path) if info.path else None,
                    "bytes": info.path.stat().st_size if info.present and info.path else None,
                    "note": info.note,
                }
            )
        return
    from rich.table import Table
    from rich.text import Text

    from vidstyle.cli.show.terminal import Terminal

    table = Table(
        "--network-weights", "--network", "here", "size", "what it is", box=None, header_style="bold", pad_edge=False
    )
    for info in found:
        size = byte_count(info.path.stat().st_size) if info.present and info.path else ""
        present = Text("yes", "green") if info.present else Text("no", "yellow")
        table.add_row(info.name, info.network, present, size, info.note)
    console = Terminal()
    console.print(table)
    console.print()
    console.print("What is not here is downloaded when it is first asked for, to:", style="dim")
    for folder in dict.fromkeys(str(info.path.parent) for info in found if info.path and not info.present):
        console.print(f"  {folder}", style="dim", soft_wrap=True)
