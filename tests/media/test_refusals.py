"""Every refusal says what to do, in words of its own."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from vidstyle.errors import InputError
from vidstyle.media.images.stills import read_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.refusals import refusal


@pytest.mark.parametrize("read", [probe, read_image])
@pytest.mark.parametrize(
    ("address", "shown"),
    [("https://example.org/a.mp4", "https://example.org/a.mp4"), ("rtsp://camera/live", "rtsp://camera/live")],
)
def test_an_address_is_no_missing_file(read: object, address: str, shown: str) -> None:
    """A path has eaten one of its slashes."""
    with pytest.raises(InputError, match=f"'{shown}' is an address: download"):
        read(Path(address))  # type: ignore[operator]


@pytest.mark.parametrize("read", [probe, read_image])
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path, read: object) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(InputError, match="is a pipe or a device"):
        read(tmp_path / "pipe.mp4")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOENT, "check the name"),
        (errno.EACCES, "change its permissions"),
        (errno.EBUSY, "in use by another program"),
        (errno.EIO, "its disk or its server"),
        (errno.ENAMETOOLONG, "too long a name"),
    ],
)
def test_system_errors_have_sentences_of_our_own(code: int, words: str) -> None:
    said = str(refusal(Path("film.mp4"), OSError(code, os.strerror(code))))
    assert words in said
    assert os.strerror(code).lower() not in said.lower()


def test_an_error_of_the_content_is_no_refusal() -> None:
    assert refusal(Path("film.mp4"), OSError(errno.EINVAL, "Invalid argument")) is None


@pytest.mark.parametrize("content", [b"RIFF\x10\0\0\0AVI LIST", b"\x1a\x45\xdf\xa3", b"\0\0\1\xba" + bytes(200), b"{}"])
def test_no_raw_error_is_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        probe(path)
    assert "film.mp4" in str(caught.value)
    assert not any(raw in str(caught.value) for raw in ("Errno", "Invalid", "Operation not", "[", "Error"))
    assert any(way in str(caught.value) for way in ("again", "convert", "name"))
