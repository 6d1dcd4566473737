"""What is read from a file that somebody else may have written: it is of the kind that is expected, or refused.

A kind is a type whose fields have types and bounds, as msgspec checks them; no text or truth passes for a number.
"""

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import msgspec
from msgspec import Meta

from vidstyle.errors import InputError

T = TypeVar("T")
MOST_FRAMES = 2_000_000
"""Of a clip: 22 hours at 25 frames a second."""
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]
"""What is counted from 1."""
Frame = Annotated[int, Meta(ge=0, le=MOST_FRAMES)]
"""A frame's index, or one past the last."""
PictureNumber = Annotated[int, Meta(ge=0, le=2**53)]
Bytes = Annotated[int, Meta(ge=0, le=2**53)]
Ticks = Annotated[int, Meta(ge=-(2**62), le=2**62)]
Side = Annotated[int, Meta(ge=1, le=2**16)]
"""Pixels."""
Seconds = Annotated[float, Meta(ge=0, le=1e11)]
Weight = Annotated[float, Meta(ge=0, le=1e9)]
Plain = (
    str | bool | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | Annotated[float, Meta(ge=-1e300, le=1e300)] | None
)


def from_json(data: bytes, kind: type[T], file: Path) -> T:
    """What the content of a JSON file says, which is named in messages.

    The kind is a dataclass, a :class:`msgspec.Struct`, or a type made of others; fields that it lacks are passed over.

    Raises
    ------
    InputError
        It is no JSON, or something else; the field is named.
    """
    try:
        value = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{file}' is damaged, or not vidstyle's: {_words(error)}.") from error
    return checked(value, kind, file)


def checked(value: Any, kind: type[T], file: Path, what: str = "is damaged, or not vidstyle's") -> T:
    """Plain values of a file as a kind; `what` is said of one that they are not of. As :func:`from_json`."""
    try:
        return msgspec.convert(value, kind, dec_hook=_other_kinds)
    except (msgspec.ValidationError, RecursionError) as error:
        said = re.fullmatch(r"(.*?)(?: - at `(?:key in )?\$\.?(.*)`)?", _words(error), re.DOTALL)
        assert said is not None
        where, why = f" {said[2]}:" if said[2] else "", said[1][:1].lower() + said[1][1:]
        raise InputError(f"'{file}' {what}:{where} {why}.") from error


def _other_kinds(kind: type, value: Any) -> Any:
    """Values of kinds that JSON has none of."""
    if kind is Fraction and isinstance(value, str):
        if re.fullmatch(r"-?[0-9]{1,24}(/[1-9][0-9]{0,23})?", value):  # an exponent would be calculated
            return Fraction(value)
        raise ValueError("Expected a fraction such as `24000/1001`")
    if kind is Path and isinstance(value, str):
        return Path(value)
    if isinstance(value, kind):
        return value
    raise ValueError(f"Expected `{kind.__name__}`")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _words(error: Exception) -> str:
    return "it is nested too deep" if isinstance(error, RecursionError) else str(error).rstrip(".")
