"""The engine ``slurm``: an array of shots, and a job that waits for all of them and assembles the output.

Only Slurm's own commands are used. Array indices are shot numbers, or numbers of tasks where a task paints several
shots. What is done is read from the job folder, since Slurm forgets finished jobs.
"""

import re
import shutil
import subprocess
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from vidstyle.errors import DependencyError, UsageError
from vidstyle.farm.engine import GRACE, Request
from vidstyle.farm.shots import block, blocks_of, format_shots
from vidstyle.jobs.folder.files import make_folder, read_json, timestamp, write_json
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.progress import Progress
from vidstyle.printable import shell_words
from vidstyle.schema import Number

MAX_ARRAY = 1001
"""Slurm's own default of MaxArraySize, one more than the highest index."""

_JobNumber = Annotated[str, Meta(pattern="^[0-9]*$")]
_SHOTS = """\
#!/bin/bash
{command} &
task=$!
trap 'kill -TERM "$task" 2>/dev/null' TERM
while kill -0 "$task" 2>/dev/null; do wait "$task"; done
wait "$task"
code=$?
# Stopped at a checkpoint by the time limit, not by a person: the next attempt resumes there.
this=${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID
if [ "$code" -eq 75 ] && [ "$(squeue --noheader --jobs="$this" --format=%T 2>/dev/null)" = RUNNING ]; then
  scontrol requeue "$this"
fi
exit "$code"
"""
_ASSEMBLE = """\
#!/bin/bash
exec {command}
"""


@dataclass(frozen=True)
class _Batch:
    """A call of sbatch: its options, and the script that it reads from its standard input."""

    options: tuple[str, ...]
    script: str


def describe(request: Request) -> str:
    """A shell script that does what :func:`submit` does."""
    per_task = _per_task(request)
    queued = _queued(request.job)
    shots = _to_send(request, queued)
    lines = []
    if shots:
        lines.append(f"shots=$({_shell(_shots_batch(request, shots, per_task))})")
    awaited = [*(["$shots"] if shots else []), *_awaited(queued)]
    lines.append(_shell(_assemble_batch(request, awaited)))
    return "\n".join(lines) + "\n"


def submit(request: Request) -> Generator[Progress, None, None]:
    """Submit the shots that are missing and not in the queue yet, and a job that assembles all.

    Raises
    ------
    DependencyError
        This machine has no Slurm.
    UsageError
        Slurm refuses; its own words are passed on.
    """
    if shutil.which("sbatch") is None:
        raise DependencyError("sbatch is not on this machine: run this where Slurm's commands are, or use --dry-run.")
    job, per_task = request.job, _per_task(request)
    queued = _queued(job)
    shots = _to_send(request, queued)
    assembling = [entry for entry in queued if not entry.shots]
    if queued and not shots and assembling:
        ids = ", ".join(dict.fromkeys(entry.job for entry in queued))
        yield Progress("submit", f"everything that is missing is in the queue already: Slurm jobs {ids}")
        return
    make_folder(_logs(job))
    entry = _Submission(timestamp(), per_task)
    awaited = _awaited(queued)
    if shots:
        entry.shots = _sbatch(_shots_batch(request, shots, per_task))
        awaited = [entry.shots, *awaited]
        _remember(job, entry)
        yield Progress("submit", f"shots {format_shots(shots)} are Slurm job {entry.shots}", shots=len(job.shots))
    if assembling:  # it may be waiting for shots that will never come
        _run(["scancel", *(waiting.job for waiting in assembling)])
    entry.assemble = _sbatch(_assemble_batch(request, awaited))
    _remember(job, entry)
    yield Progress("submit", f"joining them is Slurm job {entry.assemble}; logs are in {_logs(job)}")


def _shots_batch(request: Request, shots: Sequence[int], per_task: int) -> _Batch:
    array = format_shots(blocks_of(shots, per_task)) + (f"%{request.workers}" if request.workers else "")
    gpus = _gpus(request)
    options = [f"--array={array}", f"--signal=B:TERM@{GRACE}", *([f"--gres=gpu:{gpus}"] if gpus else [])]
    words = ["--shot", "env", *(["--per-task", str(per_task)] if per_task > 1 else [])]
    return _batch(request, _SHOTS, ["task", *words], options, "%A_%a")


def _assemble_batch(request: Request, awaited: Iterable[str]) -> _Batch:
    dependency = ":".join(["afterok", *awaited])
    options = [f"--dependency={dependency}", "--kill-on-invalid-dep=yes"] if awaited else []
    return _batch(request, _ASSEMBLE, ["assemble", *request.consent], options, "%j")


def _batch(request: Request, script: str, words: Sequence[str], options: Sequence[str], log: str) -> _Batch:
    job, (command, *more) = request.job, words
    whole = (
        "--parsable",
        f"--job-name={_name(job)}",
        "--requeue",
        "--open-mode=append",
        *options,
        f"--cpus-per-task={_cpus(request)}",
        f"--chdir={job.folder}",
        # In the name of a log, a percent sign begins a placeholder.
        f"--output={str(_logs(job)).replace('%', '%%')}/{log}.log",
        *request.options,
    )
    program = [*request.program, command, str(job.folder), *more, "--progress", "plain"]
    return _Batch(whole, script.format(command=shell_words(program)))


def _name(job: Job) -> str:
    return f"vidstyle-{job.folder.name.removesuffix('.vidstyle')}"


def _logs(job: Job) -> Path:
    return job.folder / "farm" / "logs"


class _Submission(msgspec.Struct):
    """What was handed over at once: when, how many shots a task has, and Slurm's numbers of the jobs."""

    when: str
    per_task: Number
    shots: _JobNumber = ""
    assemble: _JobNumber = ""


class _Written(msgspec.Struct):
    """What ``slurm.json`` holds."""

    submissions: tuple[_Submission, ...]


@dataclass(frozen=True)
class _Queued:
    """A task in Slurm's queue: its job, and its shots; the assembly has none."""

    job: str
    shots: tuple[int, ...]


def _queued(job: Job) -> list[_Queued]:
    """What earlier submissions of this job still have in the queue."""
    arrays, assemblies = {}, set()
    for entry in _remembered(job):
        if entry.shots:
            arrays[entry.shots] = entry.per_task
        if entry.assemble:
            assemblies.add(entry.assemble)
    if not arrays and not assemblies:
        return []
    listing = _run(["squeue", "--noheader", "--array", "--me", "--format=%F|%K|%T|%j"]) or ""
    found = []
    for line in listing.splitlines():
        number, index, state, name = line.strip().split("|", 3)
        if name != _name(job) or state == "COMPLETING":
            continue
        if number in assemblies:
            found.append(_Queued(number, ()))
        elif number in arrays and index.isdecimal():
            found.append(_Queued(number, block(int(index), arrays[number], len(job.shots))))
    return found


def _to_send(request: Request, queued: Iterable[_Queued]) -> tuple[int, ...]:
    waiting = {shot for entry in queued for shot in entry.shots}
    return tuple(shot for shot in request.shots if shot not in waiting)


def _awaited(queued: Iterable[_Queued]) -> list[str]:
    return list(dict.fromkeys(entry.job for entry in queued if entry.shots))


def _remembered(job: Job) -> list[_Submission]:
    written = read_json(job.folder / "farm" / "slurm.json", _Written)
    return list(written.submissions) if written else []


def _remember(job: Job, entry: _Submission) -> None:
    earlier = [other for other in _remembered(job) if other.when != entry.when]
    write_json(job.folder / "farm" / "slurm.json", msgspec.to_builtins(_Written((*earlier, entry))))


def _per_task(request: Request) -> int:
    """Shots of a task: more than was asked for if an array has no room for so many tasks."""
    match = re.search(r"^MaxArraySize\s*=\s*(\d+)", _run(["scontrol", "show", "config"]) or "", re.MULTILINE)
    highest = int(match[1]) - 1 if match else MAX_ARRAY - 1
    return max(request.per_task, -(-len(request.job.shots) // highest))


def _gpus(request: Request) -> int:
    device = request.job.settings.run.device
    if request.gpus is not None:
        return request.gpus
    if device == "auto":
        return int("gpu" in (_sinfo(request, "%G") or ""))
    return int(device.startswith("cuda"))


def _cpus(request: Request) -> int:
    """As many as the job has threads, or as the largest node has: fewer are slower, and give the same bytes."""
    found = [int(number) for number in re.findall(r"\d+", _sinfo(request, "%c") or "")]
    threads = max(request.job.settings.run.threads, 1)
    return min(threads, max(found)) if found else threads


def _sinfo(request: Request, field: str) -> str | None:
    partition = [option for option in request.options if option.startswith("--partition=")]
    return _run(["sinfo", "--noheader", f"--format={field}", *partition])


def _sbatch(batch: _Batch) -> str:
    done = subprocess.run(
        ["sbatch", *batch.options],
        input=batch.script,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )
    if done.returncode:
        raise UsageError(f"Slurm refuses the job: {done.stderr.strip().removeprefix('sbatch: ')}")
    return done.stdout.strip().split(";")[0]


def _run(command: Sequence[str]) -> str | None:
    """What one of Slurm's commands says; None where it isn't there or fails."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, errors="surrogateescape", check=True, timeout=60
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None


def _shell(batch: _Batch) -> str:
    words = [word if word.startswith("--dependency=") else shell_words([word]) for word in batch.options]
    end = "END"
    while end in batch.script.splitlines():  # a folder's name may have lines
        end += "_"
    return f"sbatch {' '.join(words)} <<'{end}'\n{batch.script}{end}\n"
