"""What PyAV's versions say in different ways."""

from __future__ import annotations

import numbers
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from vidstyle.media.demuxer import fraction, tags_of
from vidstyle.media.probe.probe import file_tags


class Rational:
    """A number as PyAV 19 hands it over: false where either part is 0, and no fraction."""

    def __init__(self, numerator: int, denominator: int) -> None:
        self.numerator, self.denominator = numerator, denominator

    def __bool__(self) -> bool:
        return self.numerator != 0 and self.denominator != 0


@pytest.mark.parametrize("told", [None, Rational(1, 0), Rational(0, 1)])
def test_a_rate_that_is_not_set_is_none(told: Any) -> None:
    assert fraction(told) is None


def test_a_rate_is_a_fraction() -> None:
    numbers.Rational.register(Rational)
    for told in (Fraction(30000, 1001), Rational(30000, 1001)):
        rate = fraction(told)
        assert type(rate) is Fraction and rate == Fraction(30000, 1001)


def test_text_that_is_no_utf8_can_be_written_as_utf8() -> None:
    tags = tags_of(SimpleNamespace(metadata={"title": b"Caf\xe9".decode("utf-8", "surrogateescape")}))  # type: ignore[arg-type]
    assert tags == {"title": "Caf\ufffd"}


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("", {}),
        ("1970-01-01T00:00:00.000000Z", {}),
        ("2020-01-02T03:04:05.000000Z;2020-01-02T03:04:05Z", {"creation_time": "2020-01-02T03:04:05.000000Z"}),
        ("1970-01-01T00:00:00.000000Z;2020-01-02T03:04:05Z", {"creation_time": "2020-01-02T03:04:05Z"}),
    ],
)
def test_a_time_of_creation_is_told_once_and_never_1970(told: str, kept: dict[str, str]) -> None:
    tags = file_tags(SimpleNamespace(metadata={"creation_time": told, "title": "A"}))  # type: ignore[arg-type]
    assert tags == {"title": "A"} | kept
