"""How two neighbours hang together, and how the frames of a run do whose neighbours are tied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vidstyle.motion.accumulated_error import along, compare, thumbnail
from vidstyle.motion.blur import blurred, median
from vidstyle.motion.fill import fill
from vidstyle.motion.flow import Array, Flow, both_ways
from vidstyle.motion.reduce import flow_scaled_down, scaled_down
from vidstyle.motion.reliability import RIM, Mask, evenness, neighbour_reliability, on_frame, reliability, returns
from vidstyle.motion.warp import warp

FILLED = 0.25
"""Reliability, over visibility, of flow that was filled in: held fully, a flat surface is smeared frame by frame."""
CORRECTED = 0.6
"""Share of what neighbours' flows are off by over a long way that is made up for: all of it trembles, none slides."""
UNSEEN = 0.05
"""Visibility below which a pixel's flow is taken from around it."""
STRETCHED = 0.5
"""Share of visibility left of what is stretched on its way: it shows unless it is seen better in the other key."""
MOST_OFF = 3.0
"""Pixels: where a long way and the neighbours' differ by more, they went after different things."""


@dataclass(frozen=True)
class Sight:
    """Where the pixels of a frame are in another one.

    Attributes
    ----------
    flow
        (H, W, 2) pixels: ``frame(p)`` looks like ``other(p + flow(p))``.
    visibility
        (H, W), 0 to 1: how surely what is at a pixel is seen in the other frame too.
    """

    flow: Array
    visibility: Array


@dataclass(frozen=True)
class Track(Sight):
    """The way from the pixels of a frame to another one, along which paint is carried and held.

    Attributes
    ----------
    reliability
        (H, W), 0 to 1, at most the visibility: how far the flow can be trusted to carry strokes. Where it was filled
        in, what is seen is the same, and strokes may be stretched.
    """

    reliability: Array


@dataclass(frozen=True)
class Tie:
    """Two neighbours: the track from the later one `back`, and from the earlier one `forth`."""

    back: Track
    forth: Track


def tie(flow: Flow, image: Array, earlier: Array) -> Tie:
    """Tie a frame to the one before it, both (H, W, 3) in 0..1.

    Where the way forth and the way back disagree, both are taken from around them, and tested again: see
    :func:`vidstyle.motion.fill.fill`. What is really covered or uncovered fails that test too.
    """
    backward, forward = both_ways(flow, image, earlier)
    found, found_forth = returns(backward, forward), returns(forward, backward)
    backward, forward = fill(backward, found, image), fill(forward, found_forth, earlier)
    return Tie(
        _track(backward, found, neighbour_reliability(backward, forward, image, earlier)),
        _track(forward, found_forth, neighbour_reliability(forward, backward, earlier, image)),
    )


def tracks_back(ties: Sequence[Tie]) -> list[Track]:
    """From each frame after a first one back to that, given what ties each to the one before it.

    Flows are added up along the way; visibilities and reliabilities are multiplied.
    """
    tracks: list[Track] = []
    for one in ties:
        tracks.append(through(one.back, tracks[-1]) if tracks else one.back)
    return tracks


def tracks_forth(ties: Sequence[Tie]) -> list[Track]:
    """From each frame before a last one on to that; first the first one's."""
    tracks: list[Track] = []
    for one in reversed(ties):
        tracks.insert(0, through(one.forth, tracks[0]) if tracks else one.forth)
    return tracks


@dataclass(frozen=True)
class Tracks:
    """The tracks over a run of frames, whose first and last are its ends.

    Attributes
    ----------
    whole
        From the last frame back to the first. It is for whoever carries paint along it to see whether that belongs.
    back, forth
        Of each frame between, where its pixels are in the first one, and in the last.
    """

    whole: Track
    back: Sequence[Sight]
    forth: Sequence[Sight]


def tracks(ties: Sequence[Tie], flow: Flow, images: Sequence[Array]) -> Tracks:
    """Tracks over a run, from its frames, (H, W, 3) in 0..1, and from what ties each after the first to its neighbour.

    Flows of neighbours add up their errors, so that a painting slowly slides off what it is painted on. A flow found
    over the whole way has one error, and another one from each frame: that is seen as a tremble. So the way is that of
    the neighbours, corrected by what it is off at its end, by a part that grows evenly along it. A frame between is not
    seen at an end where the two no longer look alike.
    """
    back, forth = _corrected(ties, flow, images[-1], images[0])
    first, *thumbnails, last = map(thumbnail, images)
    between = list(zip(images[1:-1], thumbnails, strict=True))
    return Tracks(
        _in_shape(back[-1]),
        [_sight(track, *frame, first) for track, frame in zip(back, between, strict=False)],
        [_sight(track, *frame, last) for track, frame in zip(forth, between, strict=True)],
    )


def resembling(sight: Sight, image: Array, other: Array) -> Sight:
    """The sight from an image to another one, as far as the one shows what the other does; of both the thumbnails."""
    alike = compare(image, along(sight.flow, other, "quick"), sight.visibility).resemblance
    return Sight(sight.flow, sight.visibility * alike)


def _in_shape(track: Track) -> Track:
    """The track, trusted where it does not stretch what is carried along it."""
    even = evenness(track.flow)
    return replace(track, visibility=track.visibility * even, reliability=track.reliability * even)


def _sight(track: Track, image: Array, small: Array, end: Array) -> Sight:
    """What a frame, the image with the thumbnail `small`, sees of an end, whose thumbnail is `end`.

    What it can't see there moves with what is around it: at the rim of something fast a way is a mixture of two
    motions, and each pixel would be carried from somewhere else. What is left of that is dots along the rim: the median
    of a few pixels takes them away and keeps the rim (Sun et al. 2010, section 4).
    """
    flow = median(fill(track.flow, track.visibility >= UNSEEN, image))
    even = np.maximum(evenness(flow), np.float32(STRETCHED))
    return resembling(Sight(flow, track.visibility * even), small, end)


def _corrected(ties: Sequence[Tie], flow: Flow, last: Array, first: Array) -> tuple[list[Track], list[Track]]:
    """Corrected tracks, see :func:`tracks`: back from all frames but the first, forth from those between."""
    back, forth = tracks_back(ties), tracks_forth(ties)
    count = len(ties)
    if count == 1:
        # Neighbours that are both solved hold each other no more than where every frame is.
        way, again = back[0], forth[0]
        return [replace(way, reliability=reliability(way.flow, again.flow, last, first))], []
    backward, forward = flow(last, first, back[-1].flow), flow(first, last, forth[0].flow)
    off_back = _correction(backward - back[-1].flow, returns(backward, forward))
    off_forth = _correction(forward - forth[0].flow, returns(forward, backward))
    inner = range(1, count)
    # What a frame between is off by is that of the end that its pixels come from, or go to.
    backs = [
        replace(back[i - 1], flow=back[i - 1].flow + i / count * warp(off_back, forth[i].flow, "linear")) for i in inner
    ]
    forths = [
        replace(forth[i], flow=forth[i].flow + (1 - i / count) * warp(off_forth, back[i - 1].flow, "linear"))
        for i in inner
    ]
    return [*backs, replace(back[-1], flow=back[-1].flow + off_back)], forths


def _track(flow: Array, found: Mask, visibility: Array) -> Track:
    sure = blurred(found.astype(np.float32), 0.8, radius=2)
    return Track(flow, visibility, visibility * (FILLED + (1 - FILLED) * sure))


def _correction(off: Array, known: Mask) -> Array:
    """What is known of how far a way is off at its end, smooth, and 0 where nothing is known or the two disagree."""
    counts = (known & (np.square(off).sum(-1) < MOST_OFF**2)).astype(np.float32)[..., None]
    weight = blurred(counts, 2)
    smooth = blurred(off * counts, 2) / weight.clip(1e-3)
    correction: Array = CORRECTED * smooth * (2 * weight).clip(None, 1)
    return correction


def through(first: Track, second: Track) -> Track:
    """The track that goes on along the second where the first one ends."""

    def there(values: Array) -> Array:
        return warp(values, first.flow, "linear")

    flow = first.flow + there(second.flow)
    # Each step ends on the rim at the farthest; many of them may lead beyond it.
    on = on_frame(flow, RIM).astype(np.float32)
    return Track(
        flow,
        first.visibility * there(second.visibility) * on,
        first.reliability * there(second.reliability) * on,
    )


def reduced(one: Tie, long_side: int) -> Tie:
    """The tie at a smaller size, where the frames are larger than `long_side`."""
    return Tie(_reduced(one.back, long_side), _reduced(one.forth, long_side))


def _reduced(track: Track, long_side: int) -> Track:
    if max(track.reliability.shape) <= long_side:
        return track
    return Track(
        flow_scaled_down(track.flow, long_side),
        scaled_down(track.visibility, long_side),
        scaled_down(track.reliability, long_side),
    )
