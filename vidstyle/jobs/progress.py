"""What a caller is told while a clip is painted: one kind of value."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # what is told costs no second that arrays take to load
    import numpy as np

Kind = Literal[
    "plan",
    "warning",
    "resume",
    "submit",
    "wait",
    "mask",
    "look",
    "estimate",
    "evaluation",
    "frame",
    "shot",
    "assemble",
    "done",
]


@dataclass(frozen=True)
class Progress:
    """One piece of news.

    Attributes
    ----------
    kind
        ``plan``: what was found and what will be done; ``warning``: something the user should know;
        ``resume``: frames of an earlier run are done; ``submit``: work was handed to a farm;
        ``wait``: another machine's lease is being watched; ``mask``: a mask is carried along the motion;
        ``look``: a frame is painted in a look;
        ``estimate``: how long it will take, from a second of measuring;
        ``evaluation``: the objective was evaluated once; ``frame``: a frame is on the disk;
        ``shot``: a shot is complete; ``assemble``: a frame was encoded; ``done``: the output is there.
    message
        A sentence for people; empty where the numbers say it all.
    shot, shots
        The shot at work and how many the clip has, counted from 1; 0 where no shot is meant.
    frame
        The frame at work, by its picture's number or counted from 1 in the clip; 0 where no frame is meant.
    frames_done, frames_total
        Frames that are finished, of all that were asked for. While assembling: encoded, of all.
    run_done, run_total
        The same for this run alone: a resumed run does not count what it found finished.
    evaluations, expected
        Evaluations of the objective spent on this frame, and how many it takes if none is saved; in units
        of one full-size evaluation, so a coarse one counts by its pixels.
    losses
        The latest value of each term of the objective.
    seconds
        Spent on this frame so far.
    seconds_left
        Estimated until the output is there, or, of a task, until its frames are painted, measured in this run only;
        None until something was timed.
    evaluation_seconds
        What an evaluation of a whole frame takes on this machine; None until one was timed.
    clip_number, clips
        Which of the clips that a command paints is at work, counted from 1, and how many these are; 0 where it paints
        one.
    all_seconds_left
        Estimated until the last of them is there; None while that is not known.
    painting
        Gives the picture at work as far as it has come, (H, W, 3) in 0..1, and the clip's; None where a job folder
        shows both, or nothing is being solved.
    output, bytes
        The finished file, and its size; of numbered pictures, of all.
    """

    kind: Kind
    message: str = ""
    shot: int = 0
    shots: int = 0
    frame: int = 0
    frames_done: int = 0
    frames_total: int = 0
    run_done: int = 0
    run_total: int = 0
    evaluations: float = 0.0
    expected: float = 0.0
    losses: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    seconds_left: float | None = None
    evaluation_seconds: float | None = None
    clip_number: int = 0
    clips: int = 0
    all_seconds_left: float | None = None
    painting: Callable[[], tuple[np.ndarray, np.ndarray]] | None = field(default=None, compare=False, repr=False)
    output: Path | None = None
    bytes: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, without those that are empty; `kind` becomes ``type``."""
        values = {key.name: getattr(self, key.name) for key in dataclasses.fields(self) if key.name != "painting"}
        values["losses"] = dict(self.losses)
        values["output"] = str(self.output) if self.output else None
        kind = values.pop("kind")
        return {"type": kind} | {key: value for key, value in values.items() if value not in ("", None, {})}
