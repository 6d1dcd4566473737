"""Outputs asked for in a line: what isn't said is as in :class:`OutputRequest`, with all of a clip's frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from vidstyle.media.encode.encoders import EncodeOptions
from vidstyle.media.output import destination, writer
from vidstyle.media.output.request import OutputRequest
from vidstyle.media.source import Source


def asked(source: Source, path: Path, start: int = 0, stop: int | None = None, **options: Any) -> OutputRequest:
    """A request of a clip's frames `start` to `stop`, with options of the request and of its encoding alike."""
    encode = EncodeOptions(**{name: options.pop(name) for name in EncodeOptions._fields if name in options})
    frames = range(len(source.pts))[start:stop]
    return OutputRequest(path, frames, options.pop("size", None) or source.size, encode=encode, **options)


def check_output(source: Source, path: Path, overwrite: bool = False, **options: Any) -> tuple[str, ...]:
    return destination.check_output(source, asked(source, path, overwrite=overwrite, **options))


def write_video(source: Source, frames: Iterable[np.ndarray] | None, path: Path, **options: Any) -> Iterator[int]:
    return writer.write_video(source, frames, asked(source, path, **options))
