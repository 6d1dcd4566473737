"""What lies on the desk: the clip, the paintings and their masks, the settings, and the command that they come to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from vidstyle.errors import InputError, UsageError
from vidstyle.looks.board import Look
from vidstyle.media.images.stills import read_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source, scaled_size
from vidstyle.media.timecode import timecode_after
from vidstyle.page.pictures import glance
from vidstyle.printable import path_word, printable, shell_words
from vidstyle.settings import Mask, StyleImage
from vidstyle.studio.command_line import CommandLine
from vidstyle.studio.film import Film
from vidstyle.studio.folder import Choice, ChosenStyle, Kept, Kind, StudioFolder
from vidstyle.studio.knobs import KEYS
from vidstyle.studio.previews import Preview, Previews

LONGEST, THUMBNAIL = 960, 160
"""Pixels along the long side of a frame to draw on, and of a painting's small picture."""
_LARGEST_MASK = 1 << 22
"""Bytes of a mask as it comes from a browser."""


@dataclass
class Clip:
    """The clip, what it is called, and what is in it; `kept` if it was dropped."""

    path: Path
    title: str
    source: Source
    kept: Kept | None = None


@dataclass
class StylePicture:
    """What to paint like: a small picture (a JPEG), whether and by which share it is used, masks by frame number."""

    path: Path
    title: str
    picture: bytes
    kept: Kept | None = None
    is_used: bool = True
    share: float = 1.0
    masks: dict[int, Kept] = field(default_factory=dict)


class Desk:
    """All that the page shows and changes; it belongs to nobody's browser, and stays when that is closed."""

    def __init__(
        self, folder: StudioFolder, line: CommandLine, clip: Path | None = None, paintings: Iterable[Path] = ()
    ) -> None:
        self.folder, self.line = folder, line
        self.clip: Clip | None = None
        self.paintings: list[StylePicture] = []
        self.index = 0
        self.preset = line.preset
        self.settings: dict[str, str] = {}
        self.previews = Previews()
        self.film: Film | None = None
        self.problems: list[str] = []
        self._reopen("painting")
        if clip is None:
            self._reopen("clip")
        else:
            self.take(clip, clip.name, "clip")
        for path in paintings:
            self.take(path, path.name, "painting")
        self._resume()

    def _reopen(self, kind: Kind) -> None:
        """Lay out what an earlier studio kept in the folder, as far as it can be read: paintings, the latest clip."""
        all_kept = self.folder.kept(kind)
        for kept in all_kept[-1:] if kind == "clip" else all_kept:
            try:
                self.take(kept.name, kept.title, kind, kept)
            except InputError as error:
                self.problems.append(str(error))

    def _resume(self) -> None:
        """Choose what the last film of this clip was made from."""
        of_clip = [film for film in self.folder.films() if self.clip and film.choice.clip == self.clip.path]
        if of_clip:
            self.choose(of_clip[-1].choice)

    def take(self, name: str | Path, title: str, kind: Kind, kept: Kept | None = None) -> None:
        """Lay a clip or a painting on the desk: a user's file by its path, or by its name what the folder keeps.

        Raises
        ------
        InputError
            It can't be read.
        """
        path = self.folder.path / name if kept else Path(name)
        if kind == "clip":
            self._take_clip(Clip(path, title, probe(path, self.line.resolve({}, self.preset).media), kept))
            return
        picture = glance(read_image(path, min_side=2).astype(np.float32), THUMBNAIL)
        self.paintings.append(StylePicture(path, title, picture, kept))

    def receive(self, part: Path, title: str, kind: Kind) -> None:
        """Keep what was dropped, if it is what it is to be.

        Raises
        ------
        InputError, OutputError, StorageError
            It can't be read, or kept.
        """
        kept = self.folder.keep(part, title, kind)
        try:
            self.take(kept.name, title, kind, kept)
        except InputError as error:
            self.folder.remove(kept)
            raise InputError(str(error).replace(str(self.folder.path / kept.name), title)) from error

    def _take_clip(self, clip: Clip) -> None:
        for painting in self.paintings:  # what was drawn is of another clip's frames
            for number in tuple(painting.masks):
                self.erase(painting, number)
        self.clip, self.index = clip, 0 if clip.source.kind == "still" else len(clip.source.pts) // 2

    def put_away(self, painting: StylePicture) -> None:
        """Take a painting off the desk, with its masks; one that was dropped is deleted, unless a film is of it."""
        self.paintings.remove(painting)
        for number in tuple(painting.masks):
            self.erase(painting, number)
        if painting.kept is not None:
            self._remove(painting.kept)

    def draw(self, painting: StylePicture, number: int, picture: bytes) -> None:
        """Keep a mask drawn on a frame, by its number, as a PNG or another picture; where nothing is white, none.

        Raises
        ------
        InputError, OutputError, StorageError
            It is no picture of the frame's size, or can't be kept.
        """
        source = self._clip().source
        if number not in (source.numbers or range(1, len(source.pts) + 1)):
            raise InputError(f"the clip has no frame {number}.")
        if len(picture) > _LARGEST_MASK:
            raise InputError("the mask is too large to be one that was drawn here.")
        width, height = self.drawn_size()
        grey = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE) if picture else None
        if grey is None or grey.shape != (height, width):
            raise InputError("the mask is no picture of the frame's size: draw it again.")
        self.erase(painting, number)
        if grey.max() < 16:
            return
        data = cv2.imencode(".png", grey)[1].tobytes()
        title = f"{painting.path.stem}.{number}.{hashlib.sha256(data).hexdigest()[:8]}.png"
        painting.masks[number] = self.folder.write(data, title, "mask")

    def erase(self, painting: StylePicture, number: int) -> None:
        """Take a mask off a frame."""
        kept = painting.masks.pop(number, None)
        if kept is not None:
            self._remove(kept)

    def _remove(self, kept: Kept) -> None:
        """Delete what nothing that is shown was made from."""
        self.folder.remove(kept, [preview.choice for preview in self.previews.shown])

    def drawn_size(self) -> tuple[int, int]:
        """The width and height of a frame to draw on."""
        source = self._clip().source
        return scaled_size(source, min(LONGEST, max(source.size)))

    @property
    def number(self) -> int:
        """What people call the frame shown."""
        return self.clip.source.number(self.index) if self.clip else 0

    def moment(self, index: int) -> str:
        """A frame in words: its number, its time, its timecode."""
        source = self._clip().source
        if source.kind == "still":
            return "a picture"
        code = timecode_after(source.timecode or "00:00:00:00", index, source.frame_rate)
        return f"frame {source.number(index)} · {float(source.seconds[index]):.2f} s · {code}"

    def frame(self, index: int) -> bytes:
        """A frame of the clip, a JPEG.

        Raises
        ------
        InputError
            It can't be read.
        """
        source = self._clip().source
        index = min(max(index, 0), len(source.pts) - 1)
        image = next(read_frames(source, index, index + 1, self.drawn_size())).image
        return glance(image, LONGEST, 92)

    def set(self, key: str, value: str) -> None:
        """Give a setting a value, as a text; empty: what the preset says.

        Raises
        ------
        UsageError
            It makes no sense; nothing has changed then.
        """
        if key not in KEYS:
            raise UsageError(f"'{key}' is set on the command line, and not here.")
        changed = {name: text for name, text in {**self.settings, key: value}.items() if text}
        self.line.resolve(changed, self.preset)
        self.settings = changed

    def use_preset(self, name: str) -> None:
        """Take another preset; what was set besides stays."""
        self.line.resolve(self.settings, name)
        self.preset = name

    def choice(self) -> Choice:
        """What a film would be made from by now.

        Raises
        ------
        UsageError
            There is no clip, or no painting.
        """
        clip = self._clip()
        styles = tuple(
            ChosenStyle(
                painting.path,
                painting.share,
                tuple((number, self.folder.path / kept.name) for number, kept in sorted(painting.masks.items())),
            )
            for painting in self.paintings
            if painting.is_used
        )
        if not styles:
            raise UsageError("There is no painting: drop one, or tick one.")
        return Choice(clip.path, styles, self.preset, dict(self.settings))

    def choose(self, choice: Choice) -> None:
        """Set everything as it was when a look or a film was made, as far as it is still there."""
        chosen = {style.path: style for style in choice.styles}
        masks = {kept.name: kept for kept in self.folder.kept("mask")}
        for painting in self.paintings:
            style = chosen.get(painting.path)
            painting.is_used = style is not None
            if style is not None:
                painting.share = style.share
                painting.masks = {
                    number: masks[path.name] for number, path in style.masks if path.name in masks and self.clip
                }
        self.preset = choice.preset
        self.settings = {key: value for key, value in choice.settings.items() if key in KEYS}

    def command(self, choice: Choice) -> tuple[list[str], Path]:
        """The words of the command that paints its film, and the file that it writes."""
        styles = list(_styles(choice))
        is_still = self._clip().source.kind == "still"
        output = self.folder.output_for(choice, self.line.name_output(choice.clip, styles, is_still))
        words = self.line.words(choice.clip, styles, choice.settings, choice.preset)
        return [*words, "-o", path_word(output)], output

    def preview(self) -> Preview:
        """Have the frame shown painted in the look that is chosen.

        Raises
        ------
        UsageError
            There is no clip or no painting, or a mask is drawn on other frames alone.
        """
        choice, clip = self.choice(), self._clip()
        for style in choice.styles:
            if style.masks and self.number not in dict(style.masks):
                drawn = ", ".join(str(number) for number, _ in style.masks)
                raise UsageError(
                    f"The mask of {printable(style.path.name)} is drawn on frame {drawn} and follows the motion from "
                    "there: go there to see it, or draw it on this frame too."
                )
        settings = self.line.resolve(choice.settings, choice.preset)
        words, _ = self.command(choice)
        look = Look(tuple(_styles(choice)), settings, (), shell_words(words))
        return self.previews.ask(choice, self.index, clip.source, look)

    def paint(self) -> Film:
        """Start the film of what is chosen, or go on with it.

        Raises
        ------
        UsageError, InputError
            There is no clip or no painting; one is being painted.
        """
        if self.film is not None and self.film.at_work:
            raise UsageError("A film is being painted: stop it first.")
        choice = self.choice()
        words, output = self.command(choice)
        if self.film is None or self.film.command != tuple(words):
            self.film = Film(self.line.program, words, output)
        self.folder.begin(output, choice)
        self.film.start()
        return self.film

    def _clip(self) -> Clip:
        if self.clip is None:
            raise UsageError("There is no clip: drop one.")
        return self.clip


def _styles(choice: Choice) -> Iterable[StyleImage]:
    for style in choice.styles:
        yield StyleImage(style.path, style.share, Mask(drawn=style.masks) if style.masks else None)
