import os
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from vidstyle.cli.follow import command_again, follow
from vidstyle.cli.show.failures import Interrupted
from vidstyle.cli.show.reporter import reporter_for
from vidstyle.errors import StorageError
from vidstyle.jobs.progress import Progress

Step = Callable[[], None]


class Run:
    """Three frames of two evaluations each, with something that happens right after the first evaluation."""

    def __init__(self, event: Step = lambda: None, seconds_left: float | None = None) -> None:
        self.event = event
        self.seconds_left = seconds_left
        self.closed = False
        self.frames = 0

    def __call__(self) -> Generator[Progress, None, None]:
        about = {"frames_total": 3, "run_total": 3, "seconds_left": self.seconds_left}
        try:
            yield Progress("plan", "three frames", frames_total=3, run_total=3)
            for frame in range(3):
                for step in (1, 2):
                    yield Progress(
                        "evaluation", frame=frame + 1, frames_done=frame, evaluations=step, expected=2, **about
                    )
                    if (frame, step) == (0, 1):
                        self.event()
                self.frames += 1
                yield Progress("frame", frame=frame + 1, frames_done=frame + 1, **about)
            yield Progress("done", frames_done=3, frames_total=3)
        finally:
            self.closed = True


def send(*signals: int) -> Step:
    return lambda: [os.kill(os.getpid(), signum) for signum in signals] and None


def ignore(progress: Progress) -> None:
    pass


def test_a_run_is_followed_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[str] = []
    last = follow(Run()(), lambda progress: seen.append(progress.kind), reporter_for("plain"))
    assert last is not None
    assert last.kind == "done"
    assert seen.count("frame") == 3
    assert "three frames" in capsys.readouterr().err


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_after_the_first_signal_the_frame_is_finished(
    signum: int, code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "vidstyle").touch(0o755)  # another one than was run
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(sys, "argv", ["/nowhere/vidstyle", "my clip.mp4", "--style", "a.jpg", "--restart"])
    run = Run(send(signum))
    with pytest.raises(Interrupted) as caught:
        follow(run(), ignore, reporter_for("plain"))
    assert (run.frames, run.closed) == (1, True)
    assert caught.value.exit_code == code
    assert "1 of 3 frames done" in str(caught.value)
    assert str(caught.value).splitlines()[-1].strip() == "/nowhere/vidstyle 'my clip.mp4' --style a.jpg"
    assert "after this frame" in capsys.readouterr().err


def test_a_signal_that_comes_too_late_changes_nothing() -> None:
    def run() -> Generator[Progress, None, None]:
        yield Progress("evaluation", frames_total=1)
        send(signal.SIGINT)()
        yield Progress("done", frames_done=1, frames_total=1)

    last = follow(run(), ignore, reporter_for("plain"))
    assert last is not None
    assert last.kind == "done"


def test_the_second_signal_stops_at_once() -> None:
    run = Run(send(signal.SIGINT, signal.SIGINT))
    with pytest.raises(Interrupted) as caught:
        follow(run(), ignore, reporter_for("plain"))
    assert (run.frames, run.closed) == (0, True)
    assert caught.value.exit_code == 130


def test_a_signal_between_frames_stops_at_once() -> None:
    run = Run()
    with pytest.raises(Interrupted):
        follow(run(), lambda progress: progress.kind == "plan" and send(signal.SIGINT)(), reporter_for("plain"))
    assert (run.frames, run.closed) == (0, True)


def test_a_farm_has_exit_codes_of_its_own() -> None:
    with pytest.raises(Interrupted) as caught:
        follow(
            Run(send(signal.SIGTERM))(),
            ignore,
            reporter_for("plain"),
            exit_codes={signal.SIGINT: 130, signal.SIGTERM: 75},
        )
    assert caught.value.exit_code == 75


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    follow(Run()(), ignore, reporter_for("plain"))
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_the_run_is_closed_when_showing_fails() -> None:
    run = Run()
    with pytest.raises(BrokenPipeError):
        follow(run(), lambda progress: (_ for _ in ()).throw(BrokenPipeError()), reporter_for("plain"))
    assert run.closed


def test_the_estimate_is_reported_once(capsys: pytest.CaptureFixture[str]) -> None:
    follow(Run(seconds_left=750.0)(), ignore, reporter_for("plain"))
    err = capsys.readouterr().err
    assert err.count("This will take about") == 1
    assert "12 min" in err


def test_the_estimate_is_reported_before_a_long_frame_ends(capsys: pytest.CaptureFixture[str]) -> None:
    def run() -> Generator[Progress, None, None]:
        for step in range(1, 5):
            yield Progress(
                "evaluation", evaluations=step, expected=9, seconds=step * 10, seconds_left=3600 - step, run_total=60
            )

    follow(run(), ignore, reporter_for("plain"))
    assert "about 1 h (1 min a frame)" in capsys.readouterr().err


def test_the_command_is_quoted_and_names_the_module_where_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/vidstyle/__main__.py", "it's.mp4"])
    program, *rest = shlex.split(command_again())
    found = shutil.which(program)
    assert found is not None
    assert Path(found).samefile(sys.executable)
    assert rest == ["-m", "vidstyle", "it's.mp4"]


def test_people_are_told_where_the_finished_frames_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/nowhere/vidstyle", "a.mp4"])
    work = Path("/nowhere/out.mp4.vidstyle")
    follow(Run()(), ignore, reporter_for("plain"), work=work)
    said = capsys.readouterr().err
    assert said.count(str(work / "shots")) == 1
    assert f"/nowhere/vidstyle assemble {work} --partial -o preview.mp4" in said
    with pytest.raises(Interrupted, match=f"1 of 3 frames done, in {work / 'shots'}"):
        follow(Run(send(signal.SIGINT))(), ignore, reporter_for("plain"), work=work)

    def full() -> Generator[Progress, None, None]:
        yield Progress("evaluation", frames_done=2, frames_total=3)
        raise StorageError("the disk is full.")

    with pytest.raises(StorageError):
        follow(full(), ignore, reporter_for("plain"), work=work)
    assert f"2 of 3 frames are finished, in {work / 'shots'}" in capsys.readouterr().err
