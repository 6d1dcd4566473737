"""``vidstyle frame``: frames of a clip, to paint on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vidstyle.cli import options
from vidstyle.cli.config import Layer, resolve
from vidstyle.cli.flags import FILES

_SETTINGS = ("size", "fps", "colorspace", "ocio", "max_megapixels")


@options.command({key: options.setting(key) for key in _SETTINGS})
def frame(
    clip: Annotated[Path, options.path_argument("CLIP", "A video, or numbered pictures.")],
    frames: Annotated[list[str], typer.Argument(metavar="FRAME...", help="Frames: 41, 10-20, or times such as 1.5s.")],
    output: Annotated[
        Path | None,
        options.path_option(
            "--output -o",
            "OUT",
            "The picture; for several a folder, or 'keys/%04d.png'. By default frame41.png.",
            FILES,
        ),
    ] = None,
    *,
    yes: options.Yes = False,
    debug: options.Debug = False,
    **settings: str,
) -> None:
    """Write frames of a clip as pictures to paint on.

    Painted, they come back with 'vidstyle CLIP --painted 41=frame41.png', or '--painted keys/' for a folder of them.
    """
    from vidstyle.cli.show.terminal import Terminal
    from vidstyle.jobs.keys_to_paint import hand_out  # brings PyAV, which takes a moment

    chosen = resolve(Layer("the command line", settings)).settings
    for written in hand_out(clip, frames, output, chosen, overwrite=yes):
        Terminal().print(str(written), markup=False, highlight=False)
