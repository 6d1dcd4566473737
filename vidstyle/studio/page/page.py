"""The page, and the pictures and files that it shows."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from fastapi import HTTPException, Response
from fastapi.responses import FileResponse
from nicegui import app, run, ui

from vidstyle.errors import VidstyleError
from vidstyle.printable import printable
from vidstyle.studio.desk import Desk
from vidstyle.studio.page.compare import Compare
from vidstyle.studio.page.film import FilmCard
from vidstyle.studio.page.frame import Frame
from vidstyle.studio.page.knobs import Knobs
from vidstyle.studio.page.table import Table
from vidstyle.studio.page.text import Text

EVERY = 0.5
"""Seconds between two looks at what is being painted."""
_STYLE = (resources.files("vidstyle.studio.page") / "studio.css").read_text(encoding="utf-8")


def lay_out(desk: Desk) -> None:
    """Make the page of a desk, which every browser that is let in sees alike, and the addresses of its pictures."""

    @ui.page("/", title="vidstyle studio", dark=None)
    def page() -> None:
        ui.add_css(_STYLE)

        def changed() -> None:
            frame.refresh()
            film.refresh_choice()

        def drawn() -> None:
            table.paintings.refresh()
            film.refresh_choice()

        def chosen() -> None:
            table.paintings.refresh()
            knobs.build.refresh()
            changed()

        with ui.element("main").classes("studio"):
            with ui.element("div"):
                table = Table(desk, lambda: changed())
                ui.label(f"What you drop, draw and paint is kept in {printable(str(desk.folder.path))}.").classes(
                    "soft"
                )
            with ui.element("div"):
                frame = Frame(desk, drawn)
                compare = Compare(desk, chosen)
            with ui.element("div"), ui.card():
                Text("h2", "Look")
                knobs = Knobs(desk, lambda: film.refresh_choice())
            film = FilmCard(desk, desk.line.duration)

        async def look() -> None:
            compare.refresh()
            await film.refresh()

        ui.timer(EVERY, look)

    _serve(desk)


def _serve(desk: Desk) -> None:
    never = {"Cache-Control": "no-store"}

    @app.get("/frame/{index}")
    async def frame(index: int) -> Response:
        try:
            return Response(await run.io_bound(desk.frame, index), media_type="image/jpeg", headers=never)
        except VidstyleError as error:
            raise HTTPException(404, str(error)) from error

    @app.get("/mask/{place}/{number}")
    def mask(place: int, number: int) -> Response:
        kept = desk.paintings[place].masks.get(number) if 0 <= place < len(desk.paintings) else None
        return FileResponse(_found(desk, kept.name if kept else None), media_type="image/png", headers=never)

    @app.get("/look/{number}/{what}")
    def look(number: int, what: str) -> Response:
        found = [preview for preview in desk.previews.shown if preview.number == number]
        if not found or what not in ("clip", "picture"):
            raise HTTPException(404)
        shown = found[0].picture if what == "picture" else found[0].clip
        return Response(shown or found[0].clip, media_type="image/jpeg", headers=never)

    @app.get("/film/{name}")
    def film(name: str) -> Response:
        known = name if name in [film.output for film in desk.folder.films()] else None
        return FileResponse(_found(desk, known), headers=never)


def _found(desk: Desk, name: str | None) -> Path:
    path = desk.folder.path / name if name else None
    if path is None or path.is_symlink() or not path.is_file():
        raise HTTPException(404)
    return path
