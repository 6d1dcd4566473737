import errno
from collections.abc import Callable

import pytest
import typer

from vidstyle import errors
from vidstyle.cli.show.failures import Interrupted, explain, guarded


def test_each_kind_of_error_has_its_code() -> None:
    kinds = {
        errors.UsageError: 2,
        errors.InputError: 65,
        errors.DependencyError: 69,
        errors.OutputError: 73,
        errors.StorageError: 74,
        errors.StoppedAtCheckpoint: 75,
    }
    for kind, code in kinds.items():
        assert explain(kind("a sentence.")) == (("a sentence.",), code)


def test_signals_have_their_exit_codes() -> None:
    assert explain(KeyboardInterrupt())[1] == 130
    assert explain(Interrupted(143, "stopped.", "  again")) == (("stopped.", "  again"), 143)


def test_a_full_disk_is_no_bug() -> None:
    (sentence,), code = explain(OSError(errno.ENOSPC, "No space left on device", "/there/frame.png"))
    assert code == 74
    assert "/there/frame.png" in sentence
    assert "disk is full" in sentence


@pytest.mark.parametrize(
    "make",
    [
        lambda: MemoryError(),
        lambda: RuntimeError(
            "[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory: you tried …"
        ),
        lambda: RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
        lambda: __import__("torch").OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."),
    ],
)
def test_too_little_memory_is_no_bug(make: Callable[[], Exception]) -> None:
    (sentence,), code = explain(make())
    assert code == 74
    assert "--size" in sentence


def test_anything_else_is_a_bug_to_be_reported() -> None:
    (sentence,), code = explain(ZeroDivisionError("division by zero"))
    assert code == 1
    assert "--debug" in sentence
    assert "division by zero" in sentence


@guarded
def _fail(error: BaseException, debug: bool = False) -> None:
    raise error


def test_guarded_ends_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught:
        _fail(errors.InputError("'clip.mp4' is empty: " + "long " * 60), debug=False)
    assert caught.value.exit_code == 65
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("vidstyle: 'clip.mp4' is empty:")
    assert err.count("\n") == 1


def test_guarded_shows_a_traceback_only_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    for debug in (False, True):
        with pytest.raises(typer.Exit):
            _fail(ZeroDivisionError("division by zero"), debug=debug)
        assert ("Traceback" in capsys.readouterr().err) == debug
