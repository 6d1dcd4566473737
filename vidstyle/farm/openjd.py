"""The engine ``openjd``: the job folder becomes an Open Job Description bundle, for ``openjd run`` and Deadline Cloud.

The template stands in the job folder itself: a path that is to be mapped to where a worker sees it may only
lead into the bundle, unless it is given at submission.
"""

import json
import re
from collections.abc import Generator
from typing import Any

from vidstyle.errors import UsageError
from vidstyle.farm.engine import GRACE, Request
from vidstyle.farm.shots import format_shots
from vidstyle.jobs.folder.files import write_json
from vidstyle.jobs.progress import Progress
from vidstyle.printable import printable, shell_words

_LONGEST_NAME = 64
_LONGEST_DESCRIPTION = 2048


def describe(request: Request) -> str:
    """The job template."""
    return json.dumps(_template(request), indent=1).replace("\x7f", "\\u007f") + "\n"


def submit(request: Request) -> Generator[Progress, None, None]:
    """Write the bundle, with the missing shots.

    Raises
    ------
    UsageError
        There are options: those go to the command that submits the bundle.
    """
    if request.options or request.workers:
        raise UsageError(
            "--to openjd writes files only: give such options to 'openjd run' or 'deadline bundle submit'."
        )
    job = request.job
    template = job.folder / "template.json"
    write_json(template, _template(request))
    # Deadline Cloud uploads what these name; openjd run takes the template's own defaults.
    values = [("Clip", str(job.source_path)), ("OutputFolder", str(job.output.parent))]
    write_json(
        job.folder / "parameter_values.json",
        {"parameterValues": [{"name": name, "value": value} for name, value in values]},
    )
    shots = f"shots {format_shots(request.shots)}" if request.shots else "joining what is painted"
    for line in (
        f"{template}: {shots}. Run it here:",
        f"  {shell_words(['openjd', 'run', str(template)])}",
        "or on a farm:",
        f"  {shell_words(['deadline', 'bundle', 'submit', str(job.folder)])}",
    ):
        yield Progress("submit", line, shots=len(job.shots))


def _template(request: Request) -> dict[str, Any]:
    """The template, after the specification jobtemplate-2023-09."""
    steps = []
    if request.shots:
        steps.append(_stylise(request))
    steps.append(_assemble(request, after=bool(request.shots)))
    chunks = request.shots and request.per_task > 1
    name = _plain(f"vidstyle {request.job.output.name}")
    return {
        "specificationVersion": "jobtemplate-2023-09",
        **({"extensions": ["TASK_CHUNKING"]} if chunks else {}),
        "name": name[:_LONGEST_NAME],
        "description": _plain(request.job.summary)[:_LONGEST_DESCRIPTION],
        "parameterDefinitions": _parameters(request),
        "steps": steps,
    }


def _plain(text: str) -> str:
    """The text without control characters, and without braces that would begin an expression."""
    return re.sub(r"(?<=\{)(?=\{)|(?<=\})(?=\})", " ", printable(text))


def _parameters(request: Request) -> list[dict[str, Any]]:
    keys = ("objectType", "dataFlow", "default", "description")
    paths = {
        "JobFolder": ("DIRECTORY", "INOUT", ".", "The folder that 'vidstyle plan' made: painted frames go into it."),
        "Clip": ("FILE", "IN", "", "The clip, if a worker sees it elsewhere than it was planned."),
        "OutputFolder": ("DIRECTORY", "OUT", "", "The output's folder, if not the planned one."),
    }
    return [
        *({"name": name, "type": "PATH", **dict(zip(keys, values, strict=True))} for name, values in paths.items()),
        {
            "name": "Vidstyle",
            "type": "STRING",
            "default": request.program[0],
            "description": "The program that starts vidstyle on a worker.",
        },
        {
            "name": "Processor",
            "type": "STRING",
            "default": "gpu" if _wants_gpu(request) else "vcpu",
            "allowedValues": ["gpu", "vcpu"],
            "description": "What a worker must have to paint: a GPU, or just a CPU.",
        },
    ]


def _stylise(request: Request) -> dict[str, Any]:
    shots = format_shots(request.shots)
    parameter: dict[str, Any] = {"name": "Shot", "type": "INT", "range": shots}
    if request.per_task > 1:
        chunks = {"defaultTaskCount": request.per_task, "rangeConstraint": "NONCONTIGUOUS"}
        parameter = {"name": "Shot", "type": "CHUNK[INT]", "range": shots, "chunks": chunks}
    return {
        "name": "stylise",
        "parameterSpace": {"taskParameterDefinitions": [parameter]},
        "hostRequirements": {
            "amounts": [{"name": "amount.worker.{{Param.Processor}}", "min": max(request.gpus or 1, 1)}]
        },
        "script": _script(request, "task", "--shot", "{{Task.Param.Shot}}"),
    }


def _assemble(request: Request, *, after: bool) -> dict[str, Any]:
    yes = ("--yes",) if request.overwrite else ()
    return {
        "name": "assemble",
        **({"dependencies": [{"dependsOn": "stylise"}]} if after else {}),
        "script": _script(request, "assemble", "--output-folder", "{{Param.OutputFolder}}", *yes),
    }


def _script(request: Request, command: str, *words: str) -> dict[str, Any]:
    for word in request.program:
        if "{{" in word:
            raise UsageError(f"'{word}' would be read as an expression: name a program without {{{{ with --program.")
    common = ("{{Param.JobFolder}}", "--clip", "{{Param.Clip}}", "--progress", "openjd")
    return {
        "actions": {
            "onRun": {
                "command": "{{Param.Vidstyle}}",
                "args": [*request.program[1:], command, *common, *words],
                "cancelation": {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": GRACE},
            }
        }
    }


def _wants_gpu(request: Request) -> bool:
    if request.gpus is not None:
        return request.gpus > 0
    return request.job.settings.run.device.startswith("cuda")
