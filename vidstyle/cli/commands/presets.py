"""``vidstyle presets``: what each preset changes."""

from vidstyle.cli import options
from vidstyle.cli.flags import text_of
from vidstyle.settings import PRESETS, preset


@options.command()
def presets(json: options.Json = False, debug: options.Debug = False) -> None:
    """Show what each preset changes."""
    names = list(dict.fromkeys(key for _, changes in PRESETS.values() for key in changes))
    values = {name: {key: preset(name).get(key) for key in names} for name in PRESETS}
    if json:
        from vidstyle.cli.show.progress import emit

        for name, (purpose, _) in PRESETS.items():
            emit({"type": "preset", "name": name, "purpose": purpose, "settings": values[name]})
        return
    from rich.table import Table

    from vidstyle.cli.show.terminal import Terminal

    table = Table("preset", *names, "what for", box=None, header_style="bold", pad_edge=False)
    for name, (purpose, _) in PRESETS.items():
        table.add_row(name, *(text_of(values[name][key]) for key in names), purpose)
    Terminal().print(table)
