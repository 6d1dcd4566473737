import pytest

from vidstyle.cli.show.words import byte_count, duration, plural


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.042, "0.042 s"),
        (0.4166, "0.42 s"),
        (4.08, "4.1 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (130, "2 min 10 s"),
        (599.9, "10 min"),
        (725, "12 min"),
        (779, "13 min"),
        (3597, "1 h"),
        (86399, "1 d"),
        (3599.9, "1 h"),
        (11100, "3 h 5 min"),
        (7199, "2 h"),
        (40000, "11 h"),
        (2 * 86400 + 4 * 3600, "2 d 4 h"),
    ],
)
def test_duration(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (999_600, "1.0 MB"), (34e6, "34 MB"), (5e15, "5000 TB")],
)
def test_byte_count(count: float, words: str) -> None:
    assert byte_count(count) == words


def test_plural() -> None:
    assert [plural(count, "frame") for count in (0, 1, 2)] == ["0 frames", "1 frame", "2 frames"]
