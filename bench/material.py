"""What is painted in the benchmarks, and the choices that hold for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidstyle.errors import InputError
from vidstyle.media.images.stills import read_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.motion.flow import Array, both_ways
from vidstyle.motion.methods import flow_method
from vidstyle.motion.reliability import reference_reliability, reliability
from vidstyle.motion.warp import Interpolation, warp
from vidstyle.settings import parse_frames
from vidstyle.style.request import Prior

SAMPLES = Path(__file__).resolve().parent.parent / "sample_media"


@dataclass(frozen=True)
class Material:
    """A clip, the styles it is painted in, and how much of it is painted.

    Attributes
    ----------
    clip, styles
        Files.
    frames
        The clip's frames to paint, such as "40-60"; None: each part takes as many as it needs, from the first on.
    size
        The long side in pixels of what is painted; None: each part's own choice.
    presets
        Those to compare.
    full
        The long form.
    device
        A torch device's name.
    folder
        Of real clips, in (k), (l) and (n); None: the clip alone.
    """

    clip: Path
    styles: tuple[Path, ...]
    frames: str | None
    size: int | None
    presets: tuple[str, ...]
    full: bool
    device: str
    folder: Path | None = None

    @property
    def clips(self) -> list[Path]:
        """The folder's that can be read, by name; without a folder, the one clip."""
        if self.folder is None:
            return [self.clip]
        found = []
        for path in sorted(self.folder.iterdir()):
            try:
                found += [path] if path.is_file() and len(probe(path).pts) > 1 else []
            except InputError:
                continue  # notes and licences lie beside them
        return found

    @property
    def pictures(self) -> list[tuple[Array, float]]:
        """The style pictures, with equal shares."""
        return [(read_image(path), 1.0) for path in self.styles]

    def images(self, size: tuple[int, int], count: int) -> list[Array]:
        """As many frames in a row, from the first that is painted, at width and height `size`."""
        start = first_of(self.frames) - 1 if self.frames else 0
        return [frame.image for frame in read_frames(probe(self.clip), start, start + count, size)]


def first_of(frames: str) -> int:
    """The number of the first of some frames, such as "40-60" or "-60"."""
    first = parse_frames(frames)[0]
    return int(first.value) if first else 1


@dataclass(frozen=True)
class Link:
    """The motion from a frame back to an earlier one, and how far to trust it."""

    flow: Array
    trust: Array

    def carry(self, painting: Array, interpolation: Interpolation = "lanczos") -> Prior:
        """The earlier frame's painting, carried along."""
        return Prior(warp(painting, self.flow, interpolation), self.trust)


def link(image: Array, earlier: Array, *, reference: bool = False) -> Link:
    """The link between two frames by DIS flow; `reference` takes the rule of Ruder et al. 2016 as it is."""
    backward, forward = both_ways(flow_method("dis"), image, earlier)
    trust = reference_reliability(backward, forward) if reference else reliability(backward, forward, image, earlier)
    return Link(backward, np.asarray(trust, np.float32))
