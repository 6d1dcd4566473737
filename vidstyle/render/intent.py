"""Whose the output is: said before and after it is written, so that a later run can tell its own from another's.

The output's last act is its renaming. A process that dies between that and the tidying up leaves a finished file
that nobody asked to be replaced; with the word that it left before, the next run only tidies up.
"""

from __future__ import annotations

import contextlib
import glob
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vidstyle.render.files import read_json, write_json
from vidstyle.render.job import Job

NAME = "assembling.json"
DONE = "assembled.json"


def made_here(folder: Path, digest: str, output: Path) -> bool:
    """Whether an output that is there was made, whole, by the job of that digest in that folder."""
    said = read_json(folder / NAME)
    meant = {"job": digest, "output": str(output.resolve()), "existed": False}
    return said == meant and output.exists()


def is_word(folder: Path) -> bool:
    """Whether the file that says what a job is about to write is one, be it of another job."""
    said = read_json(folder / NAME) or {}
    return {key: type(value) for key, value in said.items()} == {"job": str, "output": str, "existed": bool}


@contextlib.contextmanager
def declared(job: Job) -> Iterator[None]:
    """Say that the output is about to be written, until that has failed."""
    path = job.folder / NAME
    write_json(path, {"job": job.digest, "output": str(job.output), "existed": job.output.exists()})
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def fulfil(job: Job) -> None:
    """Say that the output is there."""
    write_json(job.folder / DONE, _fact(job))
    (job.folder / NAME).unlink(missing_ok=True)


def is_fulfilled(job: Job) -> bool:
    """Whether the output is there, as the job made it."""
    return read_json(job.folder / DONE) == _fact(job)


def _fact(job: Job) -> dict[str, Any]:
    # Numbered pictures have a pattern such as %04d for a name.
    pattern = re.sub(r"%0?\d*d", "*", glob.escape(job.output.name))
    sizes = [file.stat().st_size for file in job.output.parent.glob(pattern)]
    return {"job": job.digest, "files": len(sizes), "bytes": sum(sizes)}
