"""The pictures of a report, gathered while frames go by: as many bytes for an hour as for ten seconds."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from vidstyle.measure.metrics.boil import kept_to
from vidstyle.measure.metrics.borrowed import Borrowed
from vidstyle.measure.observe import Moment
from vidstyle.measure.page.pictures import boil_picture, error_picture, flow_picture, lit_picture, mask_picture
from vidstyle.media.images.stills import quantise
from vidstyle.motion.flow import Array
from vidstyle.page.pictures import LOSSLESS, Pixels, encode, fit

FILM_BYTES = 7_000_000
"""All frames of the film together."""

FILM_FRAMES = 400
"""Of a longer clip, every second, third … frame is shown."""

LONGEST = 960
"""Pixels along the long side of any picture."""

BITS_A_PIXEL = 1.0
"""What a painted frame takes at good quality."""

SLICE_ROWS = (0.25, 0.5, 0.75)
SLICE_TIMES, SLICE_WIDTH = 800, 480
"""Heights, as shares of the frame's, that x–t slices are taken at, and their size at most: columns and rows."""

WORST = 3
APART = 5
"""Worst pairs that are shown of each output, and frames between two of them."""

LEAST_BOIL = 1.0
"""Below this change, of 255, there is nothing to show."""

LEAST_KEPT = 0.05
"""Below this share of pixels a warp error says little."""


@dataclass(frozen=True)
class Exhibit:
    """A frame that stands out, in pictures.

    Attributes
    ----------
    index
        In the clip, from 0; of a pair, the later frame's.
    figures
        What it stands out by, by the page's names: the warp ``error``, the share of pixels ``kept`` and the
        pixels a frame that are drawn in full colour (``fullMotion``); the ``level``
        of the boil, of 255, and the ``share`` of the frame that rests; the ``share`` of the subject that is borrowed.
    pictures
        WebP by what they show.
    """

    index: int
    figures: Mapping[str, float]
    pictures: Mapping[str, bytes]


class Album:
    """The film, the x–t slices, the worst pairs, what boils most and what is borrowed.

    `frames` will come, by their indices in the clip, of that width and height, from so many outputs beside the clip.
    """

    def __init__(self, frames: range, size: tuple[int, int], outputs: int) -> None:
        self._start = frames.start
        tracks = 1 + outputs
        self.film_step = -(-len(frames) // FILM_FRAMES)
        self.slice_step = -(-len(frames) // SLICE_TIMES)
        shown = -(-len(frames) // self.film_step)
        self._share = FILM_BYTES / (shown * tracks)
        self._spent = 0
        self.film: list[list[bytes]] = [[] for _ in range(tracks)]
        self._rows = [min(int(size[1] * share), size[1] - 1) for share in SLICE_ROWS]
        self._slices: list[list[list[Pixels]]] = [[[] for _ in SLICE_ROWS] for _ in range(tracks)]
        self.worst: list[list[Exhibit]] = [[] for _ in range(outputs)]
        self.borrowed: list[Exhibit | None] = [None] * outputs
        self.boiling: list[Exhibit | None] = [None] * outputs

    def add(self, moment: Moment) -> None:
        """Take in a moment."""
        place = moment.index - self._start
        images = (moment.views.clip, *moment.views.outputs)
        if place % self.film_step == 0:
            self._add_film(images)
        if place % self.slice_step == 0:
            for slices, image in zip(self._slices, images, strict=True):
                for lines, row in zip(slices, self._rows, strict=True):
                    lines.append(_line(image, row))
        for number, worst in enumerate(self.worst):
            self._consider(worst, moment, number)
        for number, most_boiling in enumerate(self.boiling):
            boil = moment.measures[number].boil.get(1)
            if boil is None or boil.level is None or boil.level < LEAST_BOIL or boil.share < LEAST_KEPT:
                continue
            if most_boiling is None or boil.level > most_boiling.figures["level"]:
                self.boiling[number] = _most_boiling(moment, number, boil.level, boil.share)
        for number, (most, found) in enumerate(zip(self.borrowed, moment.borrowed, strict=True)):
            if found is not None and (most is None or found.share > most.figures["share"]):
                self.borrowed[number] = _most_borrowed(moment, number, found)

    def slices(self) -> list[list[bytes]]:
        """For the clip and each output, at each height: time runs to the right, x downwards.

        Nothing is lost in them: what compression smears over a cut or a flash would look like the painting's doing.
        """
        return [[encode(np.stack(lines, 1), LOSSLESS) for lines in slices] for slices in self._slices]

    def _add_film(self, images: tuple[Array, ...]) -> None:
        for track, image in zip(self.film, images, strict=True):
            small = quantise(fit(image, self._share * 8 / BITS_A_PIXEL, LONGEST), 8)
            # Whatever the frames hold, the page keeps to its size.
            frugal = self._spent > self._share * sum(map(len, self.film))
            track.append(encode(small, 45 if frugal else 80))
            self._spent += len(track[-1])

    def _consider(self, worst: list[Exhibit], moment: Moment, number: int) -> None:
        """Keep a pair if it is one of the worst, with some frames between."""
        errors = moment.measures[number].warp.get(1)
        if errors is None or errors.output is None or errors.kept < LEAST_KEPT:
            return
        near = [other for other in worst if moment.index - other.index <= APART]
        rivals = near or (worst if len(worst) >= WORST else [])
        if rivals:
            weakest = min(rivals, key=lambda other: other.figures["error"])
            if errors.output <= weakest.figures["error"]:
                return
            worst.remove(weakest)
        worst.append(_worst_pair(moment, number, errors.output, errors.kept))
        worst.sort(key=lambda other: -other.figures["error"])


def _worst_pair(moment: Moment, number: int, error: float, kept: float) -> Exhibit:
    previous = moment.previous
    assert previous is not None  # it has a warp error
    motion, image, before = previous.motion, moment.views.outputs[number], previous.views.outputs[number]
    drawn, full = flow_picture(motion.forward)
    pictures = {
        "before": quantise(before, 8),
        "after": quantise(image, 8),
        "error": error_picture(motion, image, before),
        "motion": drawn,
        "kept": mask_picture(motion.mask),
    }
    return Exhibit(moment.index, {"error": error, "kept": kept, "fullMotion": full}, _small(pictures))


def _most_boiling(moment: Moment, number: int, level: float, share: float) -> Exhibit:
    assert moment.previous is not None  # it has a boil
    image, before = moment.views.outputs[number], moment.previous.views.outputs[number]
    pictures = {
        "before": quantise(before, 8),
        "after": quantise(image, 8),
        "boil": boil_picture(kept_to(moment.previous.rests, image, before), image, before),
    }
    return Exhibit(moment.index, {"level": level, "share": share}, _small(pictures))


def _most_borrowed(moment: Moment, number: int, found: Borrowed) -> Exhibit:
    image = moment.views.outputs[number]
    pictures = {
        "frame": quantise(image, 8),
        "inFrame": lit_picture(image, found.in_frame),
        "inPicture": lit_picture(found.picture, found.in_picture),
    }
    return Exhibit(moment.index, {"share": found.share}, _small(pictures))


def _small(pictures: dict[str, Pixels]) -> dict[str, bytes]:
    """Pictures as a page holds them."""
    return {
        name: encode(quantise(fit(pixels.astype(np.float32) / np.float32(255), 200_000, LONGEST), 8), 80)
        for name, pixels in pictures.items()
    }


def _line(image: Array, row: int) -> Pixels:
    """A row of the image, (W, 3), at most as long as a slice is wide."""
    line = image[row : row + 1]
    if line.shape[1] > SLICE_WIDTH:
        line = cv2.resize(line, (SLICE_WIDTH, 1), interpolation=cv2.INTER_AREA)
    return quantise(line, 8)[0]
