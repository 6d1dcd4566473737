"""Files that are read for an output, and so are never written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from vidstyle.errors import OutputError
from vidstyle.jobs.job import Job
from vidstyle.paths import exists
from vidstyle.settings import Settings, StyleImage


def files_besides(styles: Iterable[StyleImage], settings: Settings) -> tuple[Path, ...]:
    """Files that are read besides the clip: style pictures, a list of cuts, network weights, a colour configuration."""
    cuts, weights = settings.motion.cuts, settings.network.network_weights
    named = [settings.media.ocio, cuts, weights, weights.partition(":")[2]]  # weights may have a convention before them
    files = (Path(name).expanduser() for name in named if name)
    return (*(style.path for style in styles), *(file for file in files if exists(file) and file.is_file()))


def require_apart(output: Path, job: Job) -> None:
    """Make sure that an output doesn't lie where the job keeps its work.

    Raises
    ------
    OutputError
        The output lies there.
    """
    place = output.resolve()
    if any(place.is_relative_to(job.folder.resolve() / name) for name in ("shots", "styles", "assembly", "farm")):
        raise OutputError(f"'{output}' is among the files of the job in '{job.folder}': choose another place.")
