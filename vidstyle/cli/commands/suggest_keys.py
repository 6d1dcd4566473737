"""``vidstyle suggest-keys``: which few frames of each shot are worth painting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from vidstyle.cli import options
from vidstyle.cli.config import Layer, resolve
from vidstyle.cli.flags import LOOK

_SETTINGS = ("frames", "start", "limit", "fps", "colorspace", "cuts")


@options.command({key: options.setting(key) for key in _SETTINGS})
def suggest_keys(
    clip: Annotated[Path, options.path_argument("CLIP", "A video, or numbered pictures.")],
    *,
    most: Annotated[int, options.option("--most", "N", "At most so many frames of a shot.", LOOK, min=1)] = 5,
    enough: Annotated[
        float, options.option("--enough", "0-1", "Share of a shot that is enough to be seen.", LOOK, min=0, max=1)
    ] = 0.95,
    json: options.Json = False,
    debug: options.Debug = False,
    **settings: str,
) -> None:
    """Say which few frames show the most of each shot, best first, with the share of it that is seen by then.

    What moves is followed, so that one frame may show most of a long shot. 'vidstyle frame CLIP 41' writes it out.
    """
    from vidstyle.cli.show.progress import emit
    from vidstyle.cli.show.terminal import Terminal
    from vidstyle.jobs.keys_to_paint import suggest_keys as suggest  # brings PyAV, which takes a moment

    chosen = resolve(Layer("the command line", settings)).settings
    best: list[int] = []
    for found in suggest(clip, chosen, most, enough):
        best += [number for number, _ in found.keys]
        if json:
            keys = [{"frame": number, "share": round(share, 3)} for number, share in found.keys]
            emit({"type": "keys", "shot": found.shot, "first": found.first, "last": found.last, "keys": keys})
        else:
            shares = ", ".join(f"{number} ({share:.0%})" for number, share in found.keys)
            Terminal().print(f"shot {found.shot}, frames {found.first}-{found.last}: {shares}", highlight=False)
    if not json:
        Terminal().print(f"to paint on: vidstyle frame {clip} {' '.join(map(str, best))}", style="bold", markup=False)
