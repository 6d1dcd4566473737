"""Frames as numbered pictures."""

from __future__ import annotations

import filecmp
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from vidstyle.media.files import exists_already, storage_error, sync_folder
from vidstyle.media.pattern import numbered, numbered_part
from vidstyle.media.stills import write_image


def write_numbered(
    images: Iterable[np.ndarray], pattern: Path, bit_depth: int, *, overwrite: bool = True
) -> Iterator[int]:
    """Write images as picture files numbered from 1, yielding how many there are; they appear once all are written.

    Parameters
    ----------
    images
        (H, W, 3) or (H, W, 4) float32, 0..1.
    pattern
        Such as ``out/%04d.png``.
    bit_depth
        Above 8, formats that can hold 16 bits.
    overwrite
        Whether other pictures of these names may be replaced. The same ones may be there in any case: a run that was
        killed while it gave them their names leaves some.

    Raises
    ------
    OutputError, StorageError
        Another picture is there; as for :func:`vidstyle.media.stills.write_image`.
    """
    parts: list[Path] = []
    try:
        for number, image in enumerate(images, 1):
            target = numbered(pattern, number)
            parts.append(numbered_part(target))
            write_image(parts[-1], image, bit_depth)
            yield number
        targets = [numbered(pattern, number) for number in range(1, len(parts) + 1)]
        for part, target in zip(parts, targets, strict=True):
            if not overwrite and target.exists() and not filecmp.cmp(part, target, shallow=False):
                raise exists_already(target)
        for part, target in zip(parts, targets, strict=True):
            part.replace(target)
        sync_folder(pattern.parent)
    except OSError as error:
        raise storage_error(pattern, error) from error
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
