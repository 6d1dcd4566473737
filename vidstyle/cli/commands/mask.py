"""``vidstyle mask``: a mask drawn on one frame or a few, written out over the whole clip."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from vidstyle.cli import options
from vidstyle.cli.config import Layer, resolve
from vidstyle.cli.flags import FILES
from vidstyle.cli.names import parse_mask
from vidstyle.errors import UsageError

_SETTINGS = ("size", "frames", "start", "limit", "fps", "colorspace", "codec", "pixel_format", "cuts", "ffmpeg")


@options.command({key: options.setting(key) for key in _SETTINGS})
def mask(
    clip: Annotated[Path, options.path_argument("CLIP", "A video, or numbered pictures.")],
    drawn: Annotated[
        list[str], typer.Argument(metavar="FRAME=MASK...", help="Frames and what is drawn on them: 41=mask.png.")
    ],
    output: Annotated[
        Path, options.path_option("--output -o", "OUT", "The mask's film, or numbered pictures: mask.%04d.png.", FILES)
    ],
    *,
    yes: options.Yes = False,
    display: options.Display,
    **settings: str,
) -> None:
    """Carry a mask along the motion, both ways from the frames that it is drawn on, and write it out.

    Beside it a preview is written, OUT.preview.jpg. 'vidstyle CLIP --style IMG@41=mask.png' does the same as it paints.
    """
    from vidstyle.cli.follow import follow
    from vidstyle.cli.show.progress import show_progress
    from vidstyle.cli.show.summary import finished

    reporter, begin = display.reporter(), time.monotonic()
    with show_progress(reporter) as show:
        chosen = resolve(Layer("the command line", settings)).settings
        wanted = parse_mask(",".join(drawn))
        if not wanted.drawn:
            raise UsageError(f"'{' '.join(drawn)}' is no frame and its mask: write 41=a.png, or 41=a.png 90=b.png.")

        from vidstyle.render.direction.mask_film import (  # brings PyAV, which takes a moment
            preview_path,
            write_mask_film,
        )

        last = follow(write_mask_film(clip, wanted, output, chosen, overwrite=yes), show, reporter)
        if last is not None:
            reporter.say(
                f"{finished(last, time.monotonic() - begin)}; to look at: {preview_path(output)}", "bold green"
            )
