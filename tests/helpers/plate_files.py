"""EXR and DPX files made by OpenImageIO itself, and what it reads back of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813

Window = tuple[int, int, int, int]


def spec(size: tuple[int, int], names: str, kind: str = "half", window: Window | None = None, **tags: Any) -> Any:
    """A part of `size` (width and height), with its data window and text tags."""
    made = oiio.ImageSpec(*size, len(names), kind)
    made.channelnames = tuple(names)
    if window:
        made.x, made.y, made.width, made.height = window
    for name, text in tags.items():
        made.attribute(name, text)
    return made


def save(path: Path, *parts: tuple[Any, np.ndarray]) -> Path:
    """Write a file of these parts, each with its pixels."""
    file = oiio.ImageOutput.create(str(path))
    specs = [made for made, _ in parts]
    assert file.open(str(path), specs if len(specs) > 1 else specs[0]), file.geterror()
    for place, (made, pixels) in enumerate(parts):
        if place:
            assert file.open(str(path), made, "AppendSubimage"), file.geterror()
        assert file.write_image(np.ascontiguousarray(pixels)), file.geterror()
    assert file.close()
    return path


def load(path: Path) -> list[tuple[Any, np.ndarray]]:
    """The parts of a file, with their pixels as stored."""
    file = oiio.ImageInput.open(str(path))
    assert file is not None, oiio.geterror()
    parts = []
    while file.seek_subimage(len(parts), 0):
        made = oiio.ImageSpec(file.spec())
        kind = (
            "uint16"
            if made.format.basetype == oiio.UINT16
            else "uint8"
            if made.format.basetype == oiio.UINT8
            else "float"
        )
        parts.append((made, file.read_image(len(parts), 0, 0, made.nchannels, kind)))
    return parts


def facts(made: Any) -> dict[str, Any]:
    """All that a part's header says, but for its size on the disk."""
    windows = (made.x, made.y, made.width, made.height, made.full_x, made.full_y, made.full_width, made.full_height)
    attributes = {one.name: one.value for one in made.extra_attribs if one.name != "openexr:chunkCount"}
    return attributes | {"windows": windows, "channels": made.channelnames, "kind": str(made.format)}
