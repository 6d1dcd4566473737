"""Files that are read for an output, and so are never written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from vidstyle.errors import OutputError
from vidstyle.jobs.folder.job import Job, is_planned_here
from vidstyle.paths import exists
from vidstyle.settings import Settings, StyleImage


def files_besides(styles: Iterable[StyleImage], settings: Settings) -> tuple[Path, ...]:
    """Files that are read besides the clip: style pictures, masks, cuts, network weights, a colour configuration."""
    cuts, weights = settings.motion.cuts, settings.network.network_weights
    named = [settings.media.ocio, cuts, weights, weights.partition(":")[2]]  # weights may have a convention before them
    files = (Path(name).expanduser() for name in named if name)
    pictures = tuple(path for style in styles for path in (style.path, *(style.mask.files if style.mask else ())))
    return (*pictures, *(file for file in files if exists(file) and file.is_file()))


def require_apart(output: Path, job: Job) -> None:
    """Make sure that an output doesn't lie where the job keeps its work.

    Raises
    ------
    OutputError
        The output lies there.
    """
    place = output.resolve()
    kept = ("shots", "styles", "masks", "given", "assembly", "farm")
    if any(place.is_relative_to(job.folder.resolve() / name) for name in kept):
        raise OutputError(f"'{output}' is among the files of the job in '{job.folder}': choose another place.")


def lies_beside(job: Job) -> bool:
    """Whether an output lies in the folder that the job folder is in, or in one of its folders."""
    return job.output.resolve().is_relative_to(job.folder.parent)


def require_consent(job: Job) -> None:
    """Make sure that a job which may be somebody else's writes nowhere but where it lies, unless a user says so.

    Raises
    ------
    OutputError
        It would write elsewhere.
    """
    if not (lies_beside(job) or is_planned_here(job)):
        raise OutputError(
            f"the job in '{job.folder}' was planned elsewhere, and would write '{job.output}', which is outside of the "
            "folder that it lies in: allow that with -y, or name another place (vidstyle assemble DIR -o OUT)."
        )
