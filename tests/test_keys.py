"""Values that change over time: what a user writes, where it stands in a clip, and what it is between two keys."""

from fractions import Fraction

import pytest

from vidstyle.errors import UsageError
from vidstyle.settings import Keys, Settings, from_dict
from vidstyle.settings.keys import eased, seen

SECONDS = [Fraction(n, 25) for n in range(51)]


def test_times_come_to_the_frames_that_are_shown_then():
    keys = Keys.parse("0@0s, 1@1s,0.5@1:00").in_frames([*SECONDS[:50], Fraction(60)])
    assert [float(moment.value) for moment, _ in keys.points] == [1, 26, 51]
    assert str(Keys({1: 0, 25: 1}).in_frames(SECONDS)) == "0@1,1@25"
    half = Keys({"20ms": 1}).in_frames(SECONDS)
    assert half.points[0][0].value == Fraction(3, 2) and Keys.parse(str(half)) == half


def test_numbers_of_pictures_are_meant_where_a_clip_has_them():
    assert str(Keys({1001: 0, 1009: 1}).in_frames(SECONDS[:4], (1001, 1005, 1009))) == "0@1,1@3"


def test_before_the_first_key_and_after_the_last_nothing_changes():
    keys = Keys({5: 0.25, 9: 0.75})
    assert [keys.at(index) for index in (0, 4, 8, 40)] == [0.25, 0.25, 0.75, 0.75]
    assert keys.at(6) == pytest.approx(0.5)


def test_what_is_seen_of_a_value_goes_evenly_and_comes_to_both_ends():
    keys = Keys({1: 0.0, 101: 20.0})
    values = [keys.at(index, 0.5) for index in range(101)]
    assert (values[0], values[100]) == (0, 20) and values == sorted(values)
    assert [seen(value, 0.5) for value in values] == pytest.approx([seen(20, 0.5) * eased(n / 100) for n in range(101)])
    assert Keys({1: 3.0}).at(7, 0.5) == 3 and Keys({1: 0, 3: 2}).at(1, 0.0) == 1


def test_at_a_key_the_value_is_the_one_that_stands_there():
    """Rounded, the strongest weight would be another one than the strongest."""
    assert [Keys({1: 0.1, 3: 20.0, 9: 3.3}).at(index, 0.5) for index in (0, 2, 8)] == [0.1, 20.0, 3.3]


def test_a_value_sets_off_and_arrives_gently_and_never_jumps():
    steps = [eased((n + 1) / 100) - eased(n / 100) for n in range(100)]
    assert sum(steps) == pytest.approx(1) and min(steps) > 0
    assert steps[0] < 0.004 and steps[-1] < 0.004 and max(steps) <= 1 / 90 + 1e-9


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0@0s,1", "'1' is no key"),
        ("0@soon,1@1s", "'0@soon' is no key"),
        ("x@1", "'x@1' is no key"),
        ("0@1,1@1", "two values at 1"),
        ("0@1,1@2s", "take one of these"),
        ("nan@1", "no number"),
    ],
)
def test_a_text_that_makes_no_sense_is_told(text, words):
    with pytest.raises(UsageError, match=words):
        Keys.parse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [("0@0s,1@2.1s", "beyond the clip's end, at 2s"), ("0@0,1@5", "frame 0 is outside"), ("1@51", "are 1 to 50")],
)
def test_a_key_beyond_the_clip_is_told(text, words):
    with pytest.raises(UsageError, match=words):
        Keys.parse(text).in_frames(SECONDS)


def test_settings_take_keys_check_each_value_and_give_them_back_as_text():
    settings = Settings().replace(strength="0@1,1@25", style_weight=Keys({1: 5, 9: 20}))
    assert settings.to_dict()["media"]["strength"] == "0@1,1@25" and from_dict(settings.to_dict()) == settings
    assert [settings.at(index).style for index in (0, 4, 8)] == pytest.approx([5, 8.65, 20], rel=1e-2)
    for values in ({"strength": "0@1,2@25"}, {"style_weight": "0@1,-2@25"}, {"tv_weight": "0@1,1@2"}):
        with pytest.raises(UsageError, match=next(iter(values))):
            Settings().replace(**values)


def test_keys_at_timecodes_are_the_clip_s_to_place() -> None:
    keys = Keys.parse("0@01:00:00:05,1@01:00:00:08")
    assert str(keys) == "0@01:00:00:05,1@01:00:00:08"
    seconds = [Fraction(number, 25) for number in range(11)]
    placed = keys.in_frames(seconds, (), lambda timecode: int(timecode[-2:]))
    assert str(placed) == "0@6,1@9"
    with pytest.raises(UsageError, match="outside the clip"):
        keys.in_frames(seconds[:7], (), lambda timecode: int(timecode[-2:]))
    with pytest.raises(UsageError, match="take one of these"):
        Keys.parse("0@01:00:00:05,1@3s")
