"""A clip read round and round."""

from pathlib import Path

import numpy as np

from vidstyle.media.images.stills import write_image
from vidstyle.media.loop import read_round
from vidstyle.media.probe.probe import probe


def test_behind_the_end_comes_the_beginning_under_higher_indices(tmp_path: Path) -> None:
    for number in range(1, 9):
        write_image(tmp_path / f"{number}.png", np.full((8, 8, 3), number / 10, np.float32))
    source = probe(tmp_path)

    def read(start: int, stop: int) -> list[tuple[int, int]]:
        frames = read_round(source, start, stop, loop=range(2, 7))
        return [(frame.index, round(10 * float(frame.image.mean()))) for frame in frames]

    assert read(2, 7) == [(2, 3), (3, 4), (4, 5), (5, 6), (6, 7)]
    assert read(5, 9) == [(5, 6), (6, 7), (7, 3), (8, 4)]
    assert read(8, 10) == [(8, 4), (9, 5)]
