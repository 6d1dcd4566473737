"""What the next frame of a shot needs of the earlier ones, in memory and on the disk.

The recurrence stays in float: frames read back from their 8-bit files would lose a little each time. A
resumed run goes on from the same numbers and so comes to the same bytes.
"""

from __future__ import annotations

import os
import re
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vidstyle.jobs.folder.files import file_sizes, open_regular, publishing, remove_file
from vidstyle.jobs.folder.lease import Lease
from vidstyle.render.recurrence.background import Background
from vidstyle.style.memory import NO_MEMORY, ShotMemory

_NAME = re.compile(r"\d{6,18}\.npz")
SHARE = 0.05
"""Share of the time that may go into checkpoints: a large frame's state takes long to write. Frames that were painted
after the last checkpoint are painted again on resume, and come out the same."""


@dataclass(frozen=True)
class ShotState:
    """What a shot carries from one solved frame to the next.

    Attributes
    ----------
    frame
        Index in the clip of the last solved frame.
    results
        Keyframes by index, (H, W, 3) float32, the latest last: as many as later frames look back to.
    warped_sources
        What the clip showed where each of them was first painted, (h, w, 3) float32, reduced: warped along with it.
    memory
        What else the next frame is solved with.
    background
        What goes with the camera, in the last solved frame's place; None where an objective keeps none.
    """

    frame: int
    results: Mapping[int, np.ndarray]
    warped_sources: Mapping[int, np.ndarray]
    memory: ShotMemory = NO_MEMORY
    background: Background | None = None

    def after(self, frame: int, image: np.ndarray, source: np.ndarray, memory: ShotMemory, reach: int) -> ShotState:
        """The state once one more frame is solved; `reach` is how many solved frames later ones look back to.

        The background stays as it is.
        """
        kept = list(self.results)[max(0, len(self.results) + 1 - reach) :]
        results, sources = ({index: images[index] for index in kept} for images in (self.results, self.warped_sources))
        return ShotState(frame, {**results, frame: image}, {**sources, frame: source}, memory, self.background)


def before(order: range) -> ShotState:
    """The state in front of a shot's first frame, whose frames are painted in that order."""
    return ShotState(order.start - order.step, {}, {})


def save(state: ShotState, folder: Path, digest: str, scratch: Path) -> None:
    """Publish a state, then delete those it supersedes."""
    arrays: dict[str, Any] = {f"result {index}": image for index, image in state.results.items()}
    arrays |= {f"source {index}": image for index, image in state.warped_sources.items()}
    if state.background is not None:
        arrays |= {f"background {name}": array for name, array in vars(state.background).items()}
    arrays |= {f"memory {name}": array for name, array in state.memory.to_arrays().items()}
    path = folder / f"{state.frame + 1:06d}.npz"
    with publishing(path, scratch) as file:
        np.savez(file, digest=np.array(digest), **arrays)
    clear(folder, keep=path.name)


def load(path: Path, digest: str) -> ShotState | None:
    """Read a state; None where it is damaged (NumPy checks its checksums), incomplete or another job's."""
    try:
        with os.fdopen(open_regular(path), "rb") as opened:
            with zipfile.ZipFile(opened) as members:  # one that is packed may be of any size
                if any(member.compress_type != zipfile.ZIP_STORED for member in members.infolist()):
                    return None
            with np.load(opened, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        if str(arrays.pop("digest")) != digest:
            return None
        parted = [(name.partition(" "), array) for name, array in arrays.items()]
        results, sources = (
            {int(key): array for (kind, _, key), array in parted if kind == wanted} for wanted in ("result", "source")
        )
        if results.keys() != sources.keys():
            return None
        background = {key: array for (kind, _, key), array in parted if kind == "background"}
        return ShotState(
            int(path.stem) - 1,
            results,
            sources,
            ShotMemory.from_arrays({key: array for (kind, _, key), array in parted if kind == "memory"}),
            Background(**background) if background else None,
        )
    except Exception:  # a bit that flipped fails in one of a dozen ways, and all mean the same
        return None


def latest(folder: Path, digest: str, order: range) -> ShotState | None:
    """The furthest state in a folder that is whole, of a shot whose frames are painted in that order."""
    paths = [folder / name for name in file_sizes(folder) if _NAME.fullmatch(name) and int(name[:-4]) - 1 in order]
    paths.sort(key=lambda path: order.index(int(path.stem) - 1), reverse=True)
    return next((state for path in paths if (state := load(path, digest)) is not None), None)


def clear(folder: Path, keep: str = "") -> None:
    """Delete all states of a shot, but for the one of that name."""
    for name in file_sizes(folder):
        if _NAME.fullmatch(name) and name != keep:
            remove_file(folder / name)


class Checkpoints:
    """Decides when a state is written: when that takes little time beside the painting since the last one.

    No state before the one that is `saved` already is written. The `order` is that in which frames are painted.
    """

    def __init__(self, folder: Path, digest: str, lease: Lease, order: range, saved: ShotState | None) -> None:
        self._folder, self._digest, self._lease, self._order = folder, digest, lease, order
        self._reached = order.index(saved.frame) if saved else -1
        self._cost = 0.0
        self._since = time.monotonic()

    def offer(self, state: ShotState) -> None:
        """Save a state if that is cheap."""
        if self._cost <= SHARE * (time.monotonic() - self._since):
            self.save(state)

    def save(self, state: ShotState) -> None:
        """Save a state, unless one as far or farther is there.

        Raises
        ------
        StoppedAtCheckpoint, OutputError, StorageError
            The shot is no longer ours; the folder can't be written, the disk is full.
        """
        if not state.results or self._order.index(state.frame) <= self._reached:
            return
        begin = time.monotonic()
        self._lease.check()
        save(state, self._folder, self._digest, self._lease.scratch)
        self._reached, self._since = self._order.index(state.frame), time.monotonic()
        self._cost = self._since - begin
