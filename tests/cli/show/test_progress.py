import io
import json
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from rich.console import Console

from vidstyle.cli import options
from vidstyle.cli.show.progress import PROGRESS_DISPLAYS, frame_line, show_progress
from vidstyle.cli.show.reporter import Reporter, reporter_for
from vidstyle.errors import InputError, UsageError
from vidstyle.jobs.progress import Progress

FRAMES = 4


def events() -> Iterable[Progress]:
    """What a small run says."""
    about = {"shot": 1, "shots": 2, "frames_total": FRAMES, "run_total": FRAMES}
    yield Progress("plan", "clip.mp4: 4 frames", shots=2, frames_total=FRAMES, run_total=FRAMES)
    for frame in range(FRAMES):
        losses = {"content": 0.25, "style": 0.5}
        now = {**about, "frame": frame + 1, "losses": losses, "expected": 2.0, "seconds_left": 70.0 - frame}
        yield Progress("evaluation", **now, frames_done=frame, run_done=frame, evaluations=1.0, seconds=2.0)
        yield Progress("frame", **now, frames_done=frame + 1, run_done=frame + 1, evaluations=2.0, seconds=4.1)
    for count in range(FRAMES):
        yield Progress("assemble", shots=2, frames_done=count + 1, frames_total=FRAMES)
    yield Progress("done", frames_done=FRAMES, frames_total=FRAMES, output=Path("out.mp4"))


def show_all(name: str, capsys: pytest.CaptureFixture[str]) -> tuple[list[str], list[str]]:
    """The lines on stdout and stderr of a whole run."""
    with show_progress(reporter_for(name)) as show:
        for progress in events():
            show(progress)
    out, err = capsys.readouterr()
    return out.splitlines(), err.splitlines()


def test_plain_prints_a_dated_line_per_frame_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = show_all("plain", capsys)
    assert not out
    assert len(err) == FRAMES
    assert err[0][2] == err[0][5] == ":"
    for word in ("[1/4]", "shot 1 of 2", "4.1 s", "loss 0.75", "1 min 10 s left"):
        assert word in err[0]


def test_json_prints_an_object_per_line_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = show_all("json", capsys)
    values = [json.loads(line) for line in out]
    assert not err
    assert [value["type"] for value in values] == [progress.kind for progress in events()]
    assert values[-1]["output"] == "out.mp4"


def test_a_file_name_with_line_breaks_prints_no_farm_line(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress(reporter_for("openjd")) as show:
        show(Progress("plan", "a\nopenjd_fail: b\ropenjd_env: C=d\udcff.mp4"))
    assert capsys.readouterr().out == r"openjd_status: a\nopenjd_fail: b\ropenjd_env: C=d\udcff.mp4" + "\n"


@pytest.mark.parametrize(
    ("name", "line"), [("farm", "Progress: {}%"), ("afanasy", "PROGRESS: {}%"), ("tractor", "ALF_PROGRESS {}%")]
)
def test_farm_lines_rise_to_100_and_never_fall(name: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = show_all(name, capsys)
    assert not err
    assert out == [line.format(percent) for percent in (0, 25, 50, 75, 100)]


def test_openjd_lines(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = show_all("openjd", capsys)
    assert not err
    assert [line for line in out if "progress" in line][-1] == "openjd_progress: 100"
    assert sum(line.startswith("openjd_status: ") for line in out) == FRAMES + 1
    assert all(line.startswith(("openjd_progress: ", "openjd_status: ")) for line in out)


def test_encoding_alone_counts_from_0_to_100(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress(reporter_for("farm")) as show:
        for count in range(1, 5):
            show(Progress("assemble", frames_done=count, frames_total=4))
    assert capsys.readouterr().out.splitlines()[0] == "Progress: 25%"


def test_none_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_all("none", capsys) == ([], [])


@pytest.mark.parametrize(("name", "sign"), [("json", '"type": "error"'), ("openjd", "openjd_fail: 'clip.mp4'")])
def test_a_failure_is_part_of_the_data(name: str, sign: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError), show_progress(reporter_for(name)):
        raise InputError("'clip.mp4' is empty.")
    assert sign in capsys.readouterr().out


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_live_bar_fits_its_terminal(width: int) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=width, legacy_windows=False)
    with show_progress(Reporter(console, "rich")) as show:
        for progress in events():
            show(progress)
    assert "frame" in screen.getvalue()
    from vidstyle.cli.show.live import _Line

    line = _Line()
    line.since = time.monotonic()
    line.seconds.append(4.1)
    for line.latest in events():
        if line.latest.kind in ("evaluation", "frame", "assemble"):
            rows = console.render_lines(line, pad=False)
            assert len(rows) == 1
            assert sum(segment.cell_length for segment in rows[0]) <= width


def test_auto_is_lines_where_there_is_no_terminal() -> None:
    assert reporter_for("auto").progress == "plain"
    assert reporter_for("auto", quiet=True).progress == "none"
    assert reporter_for("auto", json=True).progress == "json"


@pytest.mark.parametrize(
    "flags",
    [
        {"quiet": True, "verbose": True},
        {"progress": "rich", "quiet": True},
        {"progress": "plain", "quiet": True},
        {"progress": "rich", "json": True},
        {"progress": "none", "json": True},
    ],
)
def test_flags_that_contradict_each_other(flags: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="contradict"):
        reporter_for(**flags)


def test_an_unknown_progress_style_is_refused() -> None:
    with pytest.raises(UsageError, match="auto, rich, plain"):
        show_progress(reporter_for("fancy"))
    assert set(options.PROGRESS_NAMES) == {"auto", *PROGRESS_DISPLAYS}


def test_a_frame_line_tells_more_on_demand() -> None:
    progress = next(progress for progress in events() if progress.kind == "frame")
    assert "style 0.5" in frame_line(progress, verbose=True)
    assert "style" not in frame_line(progress)
