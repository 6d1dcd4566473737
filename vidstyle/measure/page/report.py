"""The report: one page that needs nothing else, neither files nor a network."""

import re
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from vidstyle import machine
from vidstyle.measure import provenance
from vidstyle.measure.page.album import LONGEST, SLICE_ROWS, Album, Exhibit
from vidstyle.measure.page.series import charts
from vidstyle.measure.results import Measurement, Study
from vidstyle.measure.rows import ROWS
from vidstyle.measure.verdicts import verdicts
from vidstyle.media.files import publish
from vidstyle.media.images.stills import quantise, read_image
from vidstyle.page.page import render_page
from vidstyle.page.pictures import base64_text, encode, fit
from vidstyle.settings import StyleImage

PARTS = resources.files("vidstyle.measure.page")
"""The page's style and scripts, beside this file."""

THUMBNAIL = 40_000
"""Pixels of a style picture, as shown beside the title."""


def write_report(report: Path, study: Study, album: Album) -> None:
    """Write the page.

    Raises
    ------
    OutputError, StorageError
        It can't be written.
    """
    data = page_data(study, album)
    publish(report, render_page(data["title"], PARTS, ("report.css", "charts.js", "report.js"), data))


def page_data(study: Study, album: Album) -> dict[str, Any]:
    """All that the page shows, as plain values; a place is a frame's among those measured, from 0."""
    footage, frames, largest = study.footage, study.footage.frames, study.settings.media.max_megapixels
    labels = footage.labels
    names = labels[1:]
    return {
        "title": f"{' and '.join(names)} against {labels[0]}",
        "facts": _facts(study),
        "warnings": list(footage.warnings),
        "tracks": labels,
        "styles": [
            {"label": _style_name(style), "picture": base64_text(_thumbnail(style.path, largest))}
            for style in study.styles
        ],
        "numbers": [footage.clip.number(index) for index in frames],
        "rate": float(footage.clip.frame_rate),
        "size": list(footage.size),
        "shots": [[shot.start - frames.start, shot.stop - frames.start] for shot in study.shots],
        "verdicts": [[vars(verdict) for verdict in verdicts(output.whole)] for output in study.outputs],
        "film": {
            "step": album.film_step,
            "tracks": [[base64_text(picture) for picture in track] for track in album.film],
        },
        "slices": {
            "step": album.slice_step,
            "rows": list(SLICE_ROWS),
            "tracks": [[base64_text(picture) for picture in heights] for heights in album.slices()],
        },
        "charts": charts(study, labels),
        "worst": [[_shown(pair, frames) for pair in worst] for worst in album.worst],
        "boiling": [most and _shown(most, frames) for most in album.boiling],
        "borrowed": [most and _shown(most, frames) for most in album.borrowed],
        "table": [
            [row.group, row.label, row.hint, *(row.text(output.whole) or "–" for output in study.outputs)]
            for row in ROWS
            if any(row.text(output.whole) is not None for output in study.outputs)
        ],
        "shotTables": [_shot_table(output) for output in study.outputs] if len(study.shots) > 1 else [],
        "origin": [_origin(study, number) for number in range(len(study.outputs))],
        "method": _method(study),
    }


def _shown(exhibit: Exhibit, frames: range) -> dict[str, Any]:
    pictures = {name: base64_text(picture) for name, picture in exhibit.pictures.items()}
    return {"place": exhibit.index - frames.start, **exhibit.figures, "pictures": pictures}


def _style_name(style: StyleImage) -> str:
    """The picture's file; a job folder's copies bear a number before it."""
    return re.sub(r"^\d+-", "", style.path.name) if style.path.parent.name == "styles" else style.path.name


def _thumbnail(picture: Path, max_megapixels: int) -> bytes:
    return encode(quantise(fit(read_image(picture, max_megapixels=max_megapixels), THUMBNAIL, LONGEST), 8), 80)


def _facts(study: Study) -> list[str]:
    footage, frames = study.footage, study.footage.frames
    width, height = footage.size
    first, last = footage.clip.number(frames[0]), footage.clip.number(frames[-1])
    if len(frames) == 1:
        return [f"frame {first}", f"{width}×{height}"]
    some = f"frames {first}–{last}" if len(frames) < len(footage.clip.pts) else f"{len(frames)} frames"
    shots = "1 shot" if len(study.shots) == 1 else f"{len(study.shots)} shots"
    return [some, f"{width}×{height}", f"{float(footage.clip.frame_rate):.5g} frames a second", shots]


def _shot_table(output: Measurement) -> dict[str, Any]:
    """Shots down, figures across."""
    shown = [row for row in ROWS if any(row.text(shot) is not None for shot in output.shots)]
    return {
        "head": ["Shot", "Frames", *(row.label for row in shown)],
        "groups": ["", "", *(row.group for row in shown)],
        "rows": [
            [str(number), f"{shot.first}–{shot.last}", *(row.text(shot) or "–" for row in shown)]
            for number, shot in enumerate(output.shots, 1)
        ],
    }


def _origin(study: Study, number: int) -> list[list[str]]:
    """Settings and machine from an output's job folder; empty where that is gone."""
    job = study.footage.outputs[number].job
    if job is None:
        return []
    found = [["clip", job.summary], *(["style", f"{_style_name(s)} × {s.weight:g}"] for s in job.styles)]
    for table, settings in job.settings.to_dict().items():
        text = ", ".join(f"{key} {_text(value)}" for key, value in settings.items() if value != "")
        found.append([table, text])
    for computer in provenance.machines(job):
        found.append(["machine", ", ".join(f"{key} {value}" for key, value in computer.items())])
    seconds = provenance.seconds_a_frame(job)
    if seconds is not None:
        found.append(["time", f"{seconds:.1f} s a frame"])
    return found


def _method(study: Study) -> list[list[str]]:
    """How it was measured."""
    styles = ", ".join(f"{_style_name(style)} × {style.weight:g}" for style in study.styles)
    return [
        ["flow", f"{study.settings.motion.flow}, found on the clip"],
        ["shots", f"{_cuts(study)}; no pair of frames reaches across a cut"],
        ["style", f"{styles}, at scale {study.settings.objective.style_scale:g}" if styles else "not known"],
        ["sampled", f"style and content in every {study.every}. frame of a shot, and in its last"],
        ["machine", ", ".join(f"{key} {value}" for key, value in machine.description().items())],
        ["program", f"vidstyle {metadata.version('vidstyle')}; docs/measures.md says what each figure means"],
    ]


def _cuts(study: Study) -> str:
    cuts = study.settings.motion.cuts
    if cuts == "auto":
        return "as the output's job has them" if study.footage.outputs[0].job else "found in the clip"
    return "taken for a single one" if cuts == "none" else f"as {cuts} says"


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
