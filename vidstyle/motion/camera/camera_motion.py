"""The camera's own motion between two frames: the one that most of the frame follows.

Pixels can't decide it: a plain wall looks alike under any motion. Single features can't either: most of them may lie
on one thing that moves by itself. So the frame is cut into cells, and each cell has one vote.
"""

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.motion.bars import find_picture, may_have_bars
from vidstyle.motion.flow import Array

Grey = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float32]
Cells = npt.NDArray[np.intp]

# Cells across and down the frame, and features looked for in each.
_CELLS, _FEATURES = (12, 8), 6
# Pixels by which a feature may be off a motion and still follow it, and by which it may miss itself on its way back.
_FOLLOWS, _RETURNS = 0.8, 0.4
# Fewer features than this say nothing; and how many motions are tried, each on the features that the others leave.
_FEWEST, _TRIED = 8, 4
# Standing still is the simplest motion: any other needs twice its votes. Between others a tenth more decides.
_OVER_REST, _OVER_OTHER = 2.0, 1.1
# Votes for standing still of each cell that has no features: before a plain wall one thing may have all there are.
_SILENT = 0.04
# A pan slower than that is told from standing still by features that are off by no more than this, if most cells agree.
_SLOW, _MOST = 0.3, 0.6
# Along its long side a frame is looked at in this size at most: larger ones have no more features in a cell.
_LONG_SIDE = 640


def camera_motion(image: Array, earlier: Array) -> Array:
    """The camera's motion as a matrix, (2, 3): ``image(p)`` looks like ``earlier(M·(p, 1))``, x before y, in pixels.

    A shift, a turn and a change of size, by RANSAC (Fischler and Bolles 1981) on features that are found again and back
    (Lucas and Kanade 1981). Where the camera stands, or too little can be told, the matrix is exactly the identity.

    Parameters
    ----------
    image, earlier
        Frames of one size, (H, W, 3) RGB, 0..1.
    """
    rest = np.eye(2, 3, dtype=np.float32)
    scale = min(1.0, _LONG_SIDE / max(image.shape[:2]))
    here, there, cells = _features(*_without_bars(_grey(image, scale), _grey(earlier, scale)))
    if len(here) < _FEWEST:
        return rest
    silent = _CELLS[0] * _CELLS[1] - len(np.unique(cells))
    best, most = rest, _votes(rest, here, there, cells, _FOLLOWS) + max(1.0, _SILENT * silent)
    slow = max(_OVER_REST * _votes(rest, here, there, cells, _SLOW), _MOST * len(np.unique(cells)))
    left = np.ones(len(here), bool)
    for _ in range(_TRIED):
        if left.sum() < _FEWEST:
            break
        motion, follows = cv2.estimateAffinePartial2D(here[left], there[left], ransacReprojThreshold=_FOLLOWS)
        if motion is None:
            break
        motion = motion.astype(np.float32)
        votes = _votes(motion, here, there, cells, _FOLLOWS)
        enough = most * (_OVER_REST if best is rest else _OVER_OTHER)
        if votes > enough or (best is rest and _votes(motion, here, there, cells, _SLOW) > slow):
            best, most = motion, votes
        left[np.flatnonzero(left)[follows[:, 0] > 0]] = False
    if best is not rest:
        best = best.copy()
        best[:, 2] /= scale
    return best


def _without_bars(image: Grey, earlier: Grey) -> tuple[Grey, Grey, tuple[int, int]]:
    """Two frames without their bars, and where they begin in them, x before y.

    A bar has no features, so that nothing would reach the sides of a film that has them.
    """
    height, width = image.shape
    values = [np.float32(1 / 255) * frame.astype(np.float32) for frame in (image, earlier)]
    picture = find_picture(values) if all(map(may_have_bars, values)) else None
    top, bottom, left, right = picture or (0.0, 1.0, 0.0, 1.0)
    rows = slice(round(top * height), round(bottom * height))
    columns = slice(round(left * width), round(right * width))
    return image[rows, columns], earlier[rows, columns], (columns.start, rows.start)


def reverse(motion: Array) -> Array:
    """The camera's motion the other way, (2, 3): exactly the identity where it stands."""
    return motion if stands(motion) else cv2.invertAffineTransform(motion)


def chained(motions: Iterable[Array]) -> Array:
    """The camera's motion over several frames, (2, 3), given each one's back to the frame before it, in order.

    Over many frames little is found again of what moves by itself, as water does, and what is may agree by chance.
    """
    whole = np.eye(3, dtype=np.float32)
    for motion in motions:
        whole = whole @ np.concatenate([motion, whole[2:]])
    return whole[:2]


def stands(motion: Array) -> bool:
    """Whether a motion, as :func:`camera_motion` tells it, is none."""
    return bool(np.array_equal(motion, np.eye(2, 3)))


def flow_of(motion: Array, size: tuple[int, int]) -> Array:
    """A camera's motion, (2, 3), as a flow, (H, W, 2); exactly 0 where it stands."""
    flow = np.zeros((*size, 2), np.float32)
    if not stands(motion):
        x, y = np.arange(size[1], dtype=np.float32), np.arange(size[0], dtype=np.float32)[:, None]
        for axis, position in enumerate((x, y)):
            flow[..., axis] = motion[axis, 0] * x + motion[axis, 1] * y + motion[axis, 2] - position
    return flow


def moved(image: Array, motion: Array, interpolation: int = cv2.INTER_LINEAR, outside: float | None = None) -> Array:
    """An earlier image as seen along a camera's motion, (H, W) or (H, W, C), float32.

    What lies beyond its edges is the nearest pixel's, or `outside` where that is given.
    """
    height, width = image.shape[:2]
    border = cv2.BORDER_REPLICATE if outside is None else cv2.BORDER_CONSTANT
    flags = interpolation | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(
        image, motion, (width, height), flags=flags, borderMode=border, borderValue=[outside or 0.0] * 4
    )


def _features(image: Grey, earlier: Grey, begin: tuple[int, int] = (0, 0)) -> tuple[Points, Points, Cells]:
    """Corners that are found in the earlier frame and back: where they are, (n, 2), were, (n, 2), and their cells.

    The images `begin` at a place of the whole frames, x before y.
    """
    height, width = image.shape
    across, down = _CELLS
    corners, cells = [], []
    for row in range(down):
        for column in range(across):
            top, left = row * height // down, column * width // across
            cell = image[top : (row + 1) * height // down, left : (column + 1) * width // across]
            if min(cell.shape) < 3:
                continue
            found = cv2.goodFeaturesToTrack(cell, _FEATURES, 0.05, 3, blockSize=5)
            if found is not None:
                corners.append(found[:, 0] + np.array([left, top], np.float32))
                cells += [row * across + column] * len(found)
    if not corners:
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32), np.zeros(0, np.intp)
    here = np.concatenate(corners).astype(np.float32)[:, None]
    there, found_there = _followed(image, earlier, here)
    back, found_back = _followed(earlier, image, there)
    missed = np.linalg.norm((back - here)[:, 0], axis=1)
    found = found_there & found_back & (missed < _RETURNS)
    offset = np.array(begin, np.float32)
    return here[found, 0] + offset, there[found, 0] + offset, np.array(cells, np.intp)[found]


def _followed(image: Grey, other: Grey, points: Points) -> tuple[Points, npt.NDArray[np.bool_]]:
    """Where points of an image are in another one, (n, 1, 2), and which of them are found there."""
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        image,
        other,
        points,
        None,
        winSize=(13, 13),
        maxLevel=3,
        minEigThreshold=1e-3,
    )
    return there, found[:, 0] > 0


def _votes(motion: Array, here: Points, there: Points, cells: Cells, within: float) -> float:
    """How many cells follow a motion, those of whose features at least half do; fewer count that lie close together.

    What moves by itself lies in one part of the frame, however many features it has; what goes with the camera reaches
    at least two of the frame's sides.
    """
    follow = np.linalg.norm(here @ motion[:, :2].T + motion[:, 2] - there, axis=1) < within
    count = _CELLS[0] * _CELLS[1]
    following, known = np.bincount(cells[follow], minlength=count), np.bincount(cells, minlength=count)
    rows, columns = np.divmod(np.flatnonzero((following > 0) & (2 * following >= known)), _CELLS[0])
    sides = (columns == 0).any(), (columns == _CELLS[0] - 1).any(), (rows == 0).any(), (rows == _CELLS[1] - 1).any()
    if sum(sides) < 2:
        return 0.0
    # Cells all over the frame are spread like an even distribution, whose variance is a twelfth of its width squared.
    spread = [float(places.std()) * 12**0.5 / side for places, side in ((columns, _CELLS[0]), (rows, _CELLS[1]))]
    return len(rows) * min(spread[0], 1.0) * min(spread[1], 1.0)


def _grey(image: Array, scale: float) -> Grey:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if scale < 1:
        size = round(grey.shape[1] * scale), round(grey.shape[0] * scale)
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.rint(grey.clip(0, 1) * 255).astype(np.uint8)
