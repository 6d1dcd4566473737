"""``vidstyle studio``: a page to choose a look in and to paint from."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from vidstyle.cli import options
from vidstyle.cli.config import Layer, resolve
from vidstyle.cli.flags import DISPLAY, FILES, FLAGS
from vidstyle.cli.names import output_path
from vidstyle.cli.painting_words import painting_words
from vidstyle.cli.show.words import duration, plural

if TYPE_CHECKING:
    from vidstyle.cli.show.failures import Interrupted
    from vidstyle.cli.show.reporter import Reporter
    from vidstyle.jobs.folder.lease import Holder
    from vidstyle.settings import StyleImage
    from vidstyle.studio.command_line import CommandLine
    from vidstyle.studio.desk import Desk
    from vidstyle.studio.film import Film


@options.command()
def studio(
    clip: Annotated[
        Path | None, options.path_argument("[CLIP]", "A video, numbered pictures, or a picture; or drop one there.")
    ] = None,
    *,
    style: Annotated[
        list[Path] | None, options.path_option("--style -s", "IMG", "A painting to begin with; or drop some.", FILES)
    ] = None,
    output: Annotated[
        Path, options.path_option("--output -o", "DIR", "Where it keeps what you drop, draw and paint.", FILES)
    ] = Path("vidstyle-studio"),
    port: Annotated[
        int, options.option("--port", "N", "Its port on this machine; without it, one that is free.", DISPLAY)
    ] = 0,
    open_it: Annotated[bool, options.switch("--open", "Open it in the browser.", DISPLAY)] = False,
    config: options.Config = None,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Choose a look in a browser, draw masks, and paint from there.

    It runs the commands that it shows, and nothing else. Only this machine reaches it, by an address with a token.
    """
    from vidstyle.cli.show.reporter import reporter_for
    from vidstyle.studio.serve import address_of, listening, require_library, serve

    require_library()
    from vidstyle.studio.desk import Desk
    from vidstyle.studio.folder import StudioFolder

    reporter = reporter_for(quiet=quiet)

    def tell(holder: Holder) -> None:
        reporter.say(f"{output}: watching, for a minute, whether the studio of {holder} is still there …")

    with listening(port) as listener, StudioFolder(output, address_of(listener), tell) as folder:
        desk = Desk(folder, _line(config), clip, style or ())
        _handle_signals()

        def ready(address: str) -> None:
            # It is what people came for, so that it is said even where nothing else is.
            print(address, flush=True)
            reporter.say(
                f"The studio is at this address, for you alone; what it keeps lies in {output}. Ctrl-C ends it."
            )
            if open_it:
                import webbrowser

                webbrowser.open(address)

        try:
            serve(desk, listener, ready)
        except _Ended as ended:
            raise _stopped(desk, reporter, ended.signum) from None


class _Ended(KeyboardInterrupt):
    def __init__(self, signum: int) -> None:
        self.signum = signum


def _handle_signals() -> None:
    """Let whatever ends the studio end its painting at a checkpoint: Ctrl-C, kill, or a terminal that is closed."""

    def end(signum: int, _: object) -> None:
        raise _Ended(signum)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)


def _stopped(desk: Desk, reporter: Reporter, signum: int) -> Interrupted:
    """Stop what is being painted, and say how to go on; another Ctrl-C stops it at once."""
    from vidstyle.cli.show.failures import Interrupted

    code = {signal.SIGINT: 130}.get(signum, 143)  # type: ignore[call-overload]
    film = desk.film
    if film is None or not film.at_work:
        desk.previews.end()
        return Interrupted(code, "the studio has ended.")
    reporter.say("Stopping after this frame, or press Ctrl-C again to stop at once …", "yellow")
    _stop(film)
    desk.previews.end()
    if film.state == "done":
        return Interrupted(code, f"the studio has ended; {film.output} is done.")
    news = film.news
    done, total = news.get("frames_done", 0), news.get("frames_total", 0)
    return Interrupted(code, f"stopped. {done} of {plural(total, 'frame')} done. To go on:", f"  {film.text}")


def _stop(film: Film) -> None:
    while True:
        try:
            film.stop()
            film.wait()
            return
        except _Ended:
            pass


def _line(config: Path | None) -> CommandLine:
    """The command line, as the studio asks it."""
    from vidstyle.studio.command_line import CommandLine

    def words(clip: Path, styles: Sequence[StyleImage], settings: Mapping[str, str], preset: str) -> list[str]:
        return painting_words(clip, styles, settings, preset, config)

    return CommandLine(
        program=(sys.executable, "-m", "vidstyle"),
        preset=resolve(Layer("the environment"), config).preset,
        words=words,
        resolve=lambda settings, preset: resolve(Layer("the command line", settings, preset), config).settings,
        name_output=lambda clip, styles, still: output_path(None, clip, styles, still=still).name,
        help=lambda key: FLAGS[key].help,
        duration=duration,
    )
