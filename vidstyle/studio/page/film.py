"""The film: its command, how far it is, and the file."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import run, ui

from vidstyle.errors import VidstyleError
from vidstyle.jobs.folder.job import is_job_folder
from vidstyle.jobs.plan import job_folder
from vidstyle.page.pictures import base64_text
from vidstyle.printable import printable, shell_words
from vidstyle.studio.desk import Desk
from vidstyle.studio.film import Film
from vidstyle.studio.page.text import CommandText, Text
from vidstyle.studio.page.told import told

_STATES = {
    "painting": "painting",
    "stopping": "stopping after this frame",
    "stopped": "stopped: it goes on from here",
    "done": "done",
    "failed": "ended with an error",
}


class FilmCard:
    """Starts the film that is chosen, and shows the one that is at work."""

    def __init__(self, desk: Desk, duration: Callable[[float], str]) -> None:
        self._desk, self._duration = desk, duration
        self._shown: object = None
        with ui.card().classes("wide"):
            Text("h2", "Film")
            self._command = CommandText()
            self._why = ui.label().classes("soft")
            with ui.row().classes("line"):
                self._start = ui.button("Paint the film", on_click=told(self._paint)).props("unelevated no-caps")
                self._stop = ui.button("Stop", on_click=self._end).props("outline no-caps")
                self._state = ui.label()
                self._left = ui.label().classes("push")
            self._bar = ui.linear_progress(0, show_value=False).props("instant-feedback")
            with ui.element("div").classes("film"):
                self._work, self._newest = self._picture(), self._picture()
            self._said = ui.label().classes("said soft")
            self._finished = ui.column().classes("full")
        self.refresh_choice()

    def _picture(self) -> tuple[ui.element, ui.element, ui.label]:
        with ui.element("figure") as figure:
            return figure, ui.element("img").props('decoding=sync alt=""'), ui.label().classes("soft")

    def refresh_choice(self) -> None:
        """Show the command for what is chosen now."""
        try:
            words, output = self._desk.command(self._desk.choice())
        except VidstyleError as error:
            self._command.show("")
            self._why.set_text(printable(str(error)))
            self._start.disable()
            return
        self._command.show(shell_words(words))
        begun = is_job_folder(job_folder(output))
        self._why.set_text("Its work is begun: it goes on where it was stopped." if begun else "")
        self._start.set_text("Go on" if begun else "Paint the film")
        self._start.set_enabled(self._desk.film is None or not self._desk.film.at_work)

    def _paint(self) -> None:
        self._desk.paint()

    def _end(self) -> None:
        if self._desk.film is not None:
            self._desk.film.stop()

    async def refresh(self) -> None:
        """Show how far it is."""
        film = self._desk.film
        self._stop.set_visibility(film is not None and film.at_work)
        if film is None:
            if self._shown != (shown := tuple(self._outputs())):
                self._shown = shown
                self._show_outputs(None)
            for visible in (self._bar, self._work[0], self._newest[0], self._said, self._state, self._left):
                visible.set_visibility(False)
            return
        news = film.news
        done, total = news.get("frames_done", 0), news.get("frames_total", 0)
        joining = news.get("type") == "assemble"
        words = f"{_STATES.get(film.state, '')}: {film.output.name}"
        if film.at_work and total:
            words += f", {'encoding frame' if joining else 'frame'} {done} of {total}"
        left = news.get("seconds_left")
        self._state.set_text(words)
        self._left.set_text(f"{self._duration(left)} left" if film.at_work and left else "")
        self._bar.set_value(1.0 if film.state == "done" else done / total if total else 0.0)
        for visible in (self._bar, self._state, self._left):
            visible.set_visibility(True)
        if film.at_work:
            await self._watch(film)
        if self._shown != (shown := (film.state, *self._outputs())):
            self._shown = shown
            self._said.set_text(printable_lines(film) if film.state in ("failed", "stopped") else "")
            self._said.set_visibility(film.state in ("failed", "stopped"))
            if not film.at_work:
                for figure, _, _ in (self._work, self._newest):
                    figure.set_visibility(False)
            self._show_outputs(film)
            self.refresh_choice()

    async def _watch(self, film: Film) -> None:
        seen = await run.io_bound(film.glance)
        if seen is None:  # the studio is ending
            return
        work = seen.work
        self._show(self._work, work.painting if work else "", f"frame {work.frame}, being painted" if work else "")
        newest = base64_text(seen.newest) if seen.newest else ""
        self._show(self._newest, newest, "the newest finished frame, the clip's at its left")

    def _show(self, place: tuple[ui.element, ui.element, ui.label], picture: str, words: str) -> None:
        figure, image, label = place
        figure.set_visibility(bool(picture))
        source = "data:image/jpeg;base64," + picture
        if picture and image.props.get("src") != source:
            image.props["src"] = source
            image.update()
        label.set_text(words)

    def _outputs(self) -> list[str]:
        folder = self._desk.folder
        return [film.output for film in folder.films() if (folder.path / film.output).is_file()]

    def _show_outputs(self, film: Film | None) -> None:
        """The films that are done, each to be taken; the one just finished is shown."""
        self._finished.clear()
        with self._finished:
            for name in self._outputs():
                if film is not None and film.state == "done" and film.output.name == name:
                    if film.output.suffix.lower() in (".mp4", ".webm", ".m4v"):
                        ui.element("video").props("controls loop").props["src"] = f"/film/{name}"
                    elif film.output.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif"):
                        ui.element("img").props["src"] = f"/film/{name}"
                link = Text("a", f"Take {name}").classes("named text-primary")
                link.props["href"], link.props["download"] = f"/film/{name}", name


def printable_lines(film: Film) -> str:
    """What its command said last."""
    return "\n".join(printable(line) for line in list(film.said)[-12:])
