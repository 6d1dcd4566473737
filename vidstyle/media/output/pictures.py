"""Frames as pictures, a file each."""

import filecmp
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from vidstyle.media.files import exists_already, storage_error, sync_folder
from vidstyle.media.images.pattern import numbered_part


def write_pictures(
    images: Iterable[np.ndarray],
    targets: Sequence[Path],
    write: Callable[[Path, np.ndarray, int], None],
    *,
    overwrite: bool = True,
) -> Iterator[int]:
    """Write images as picture files, yielding how many there are; they appear once all are written.

    `write` writes a file, given its path, the image, and the image's index, from 0. Only with `overwrite` are other
    pictures of these names replaced. The same ones may be there in any case: a run that was killed while it gave them
    their names leaves some.

    Raises
    ------
    OutputError, StorageError
        Another picture is there, or `write` raises it.
    """
    parts = [numbered_part(target) for target in targets]
    try:
        for index, (part, image) in enumerate(zip(parts, images, strict=True)):
            write(part, image, index)
            yield index + 1
        for part, target in zip(parts, targets, strict=True):
            if not overwrite and target.exists() and not filecmp.cmp(part, target, shallow=False):
                raise exists_already(target)
        for part, target in zip(parts, targets, strict=True):
            part.replace(target)
        sync_folder(targets[0].parent)
    except OSError as error:
        raise storage_error(targets[0], error) from error
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
