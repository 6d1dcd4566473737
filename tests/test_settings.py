import contextlib
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.errors import UsageError
from vidstyle.settings import (
    GROUP_OF,
    PRESETS,
    FrameWeights,
    Moment,
    Settings,
    choices,
    from_dict,
    parse_frames,
    parse_limit,
    parse_pixel_format,
    parse_rate,
    parse_start,
    preset,
)


def test_tables_give_the_same_settings_back():
    settings = Settings().replace(
        steps=20,
        size=480,
        temporal_frames=(1, 2, 4),
        flow="none",
        frames="10-40",
        style_layers=("conv1_1",),
        tv_weight=0,
    )
    assert from_dict(settings.to_dict()) == settings


def test_keys_may_stand_outside_their_table():
    assert from_dict({"steps": 7, "objective": {"style_weight": 3}}) == Settings().replace(steps=7, style_weight=3)


def test_values_come_from_text_too():
    """As environment variables give them."""
    settings = Settings().replace(steps="7", style_weight="2.5", temporal_frames="1, 2", size="480")
    assert (settings.solve.steps, settings.objective.style_weight) == (7, 2.5)
    assert settings.objective.temporal_frames == (1, 2)
    assert settings.media.size == 480


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"stepz": 3}, "did you mean 'steps'"),
        ({"steps": 0}, "1 or more"),
        ({"steps": 2.5}, "a whole number"),
        ({"steps": True}, "a whole number"),
        ({"style_weight": "much"}, "a number"),
        ({"style_weight": float("nan")}, "0 or more"),
        ({"content_weight": -1}, "0 or more"),
        ({"content_weight": 0, "style_weight": 0}, "nothing to solve for"),
        ({"content_layers": ()}, "content_layers is empty"),
        ({"optimizer": "sgd"}, "take lbfgs, adam"),
        ({"size": 0}, "16 to 16384"),
        ({"crf": 99}, "0 (lossless) to 51"),
        ({"codec": "hevc"}, "called h265 here"),
        ({"codec": "mpeg1"}, "take auto, h264"),
        ({"pixel_format": "411"}, "write 420, 422"),
        ({"audio": ""}, "copy, convert, none or a file"),
        ({"strength": 1.1}, "to 1 (the painting)"),
        ({"temporal_frames": (2, 1)}, "must rise"),
        ({"temporal_frames": (2, 4)}, "must begin with 1"),
        ({"temporal_frames": (0,)}, "1 solved frame or more"),
        ({"style_scale": 0}, "0.05 to 20"),
        ({"style_subject": 1.5}, "0 (none of it) to 1 (all)"),
        ({"frames": "9-2"}, "holds no frame"),
        ({"limit": "0s"}, "leaves no frame"),
        ({"network": "alexnet"}, "take vgg19, vgg16"),
        ({"size": "big"}, "a whole number"),
        ({"fps": "1/0"}, "write 24, 23.976"),
        ({"fps": "0"}, "0.001 to 10000"),
        ({"limit": "soon"}, "is not understood"),
        ({"threads": -1}, "0 (one a core)"),
        ({"tolerance": 1}, "0 to below 1"),
        ({"cuts": ""}, "auto, none or a file"),
    ],
)
def test_bad_values_are_refused(values, words):
    with pytest.raises(UsageError) as caught:
        Settings().replace(**values)
    assert words in str(caught.value)


def test_unknown_tables_and_keys():
    with pytest.raises(UsageError, match=r"\[solver\]"):
        from_dict({"solver": {"steps": 3}})
    with pytest.raises(UsageError, match=r"no setting 'steps' in \[media\]"):
        from_dict({"media": {"steps": 3}})
    for value in ([1, float("inf")], float("inf")):
        with pytest.raises(UsageError, match="temporal_frames"):
            from_dict({"temporal_frames": value})


def test_an_objective_brings_its_own_weights_unless_they_are_given():
    ruder = Settings().replace(objective="ruder2016")
    assert (ruder.objective.content_weight, ruder.objective.style_weight) == (5, 100)
    assert ruder.network.padding == "zeros"
    assert Settings().replace(objective="ruder2016", style_weight=7).objective.style_weight == 7
    assert ruder.replace(objective="vidstyle") == Settings()
    assert ruder.replace(steps=5).objective == ruder.objective


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_changes_what_it_names_and_nothing_else(name):
    """A line that repeats the default would say that the presets differ where they don't."""
    usual, chosen = Settings(), preset(name)
    changed = {key for key in GROUP_OF if chosen.get(key) != usual.get(key)}
    assert changed == set(PRESETS[name][1])
    assert from_dict(chosen.to_dict()) == chosen


def test_presets_rise_in_effort():
    draft, standard, final = (preset(name).solve.steps for name in ("draft", "standard", "final"))
    assert draft < standard < final
    assert preset("standard") == Settings()


_OTHERS = {
    "size": 100,
    "frames": "2-",
    "start": "2",
    "limit": "1s",
    "fps": "24",
    "max_shot_frames": 9,
    "codec": "av1",
    "device": "cuda",
    "pixel_format": "422-10",
    "cuts": "none",
    "content_layers": ("relu1_1",),
    "style_layers": ("relu1_1",),
    "temporal_frames": (1, 2, 4),
    "painted": ("41=frame41.png",),
}


@pytest.mark.parametrize("key", GROUP_OF)
def test_a_setting_that_is_changed_changes_alone_and_is_written_down(key):
    """Flags, variables and files name a setting without its group: no other may have the same name."""
    usual = Settings()
    value = usual.get(key)
    other = next((word for word in choices(key) if word != value), None) or _OTHERS.get(key)
    if other is None:
        other = f"{value}0" if isinstance(value, str) else not value if isinstance(value, bool) else value / 2 or 1
        other = type(value)(other)
    changed = usual.replace(**{key: other})
    tables, before = changed.to_dict(), usual.to_dict()
    differing = {
        (group, name) for group, table in tables.items() for name in table if before[group].get(name) != table[name]
    }
    # An objective brings its own weights and padding along.
    assert {(group, name) for group, name in differing if key != "objective" or name == key} == {(GROUP_OF[key], key)}
    assert from_dict(changed.to_dict()) == changed


@pytest.mark.parametrize(
    ("text", "pixels"),
    [
        ("auto", (None, None)),
        ("422", ("422", None)),
        ("422-10", ("422", 10)),
        ("4:2:2 10 bit", ("422", 10)),
        ("yuv422p10le", ("422", 10)),
        ("yuv444p", ("444", 8)),
        ("RGB-16", ("rgb", 16)),
        ("gbrp12le", ("rgb", 12)),
    ],
)
def test_pixels(text, pixels):
    assert parse_pixel_format(text) == pixels


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("10-40", ("10", "40")),
        ("10-", ("10", None)),
        ("-40", (None, "40")),
        ("0-4", ("0", "4")),
        ("7", ("7", "7")),
        (" 2 - 3f ", ("2", "3")),
        ("13s-17.5s", ("13s", "17.5s")),
        ("00:01:10-1:14", ("70s", "74s")),
        ("500 ms", ("0.5s", "0.5s")),
        ("01:00:12:05-", ("01:00:12:05", None)),
        ("-01:00:12;05", (None, "01:00:12;05")),
    ],
)
def test_frames(text, frames):
    assert tuple(end and str(end) for end in parse_frames(text)) == frames


@pytest.mark.parametrize(
    "text",
    ["", "-", "4-2", "a-b", "1-2-3", "1.5-3", "1/2-3", "17s-13s", "4s-4s", "01:00:02:00-01:00:01:24", "9" * 40 + "-"],
)
def test_malformed_frames_are_refused(text):
    with pytest.raises(UsageError):
        parse_frames(text)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("2s", 2),
        ("2", 2),
        ("500ms", Fraction(1, 2)),
        ("1:30", 90),
        ("1:00:01.5", Fraction(7203, 2)),
        ("2m", 120),
        ("0.04s", Fraction(1, 25)),
    ],
)
def test_limit_in_seconds(text, limit):
    assert parse_limit(text) == Fraction(limit)
    assert isinstance(parse_limit(text), Fraction)


def test_limit_in_frames():
    assert parse_limit("48f") == 48
    assert isinstance(parse_limit("48 frames"), int)


@pytest.mark.parametrize("text", ["", "0s", "0f", "-1s", "soon", "1:xx"])
def test_malformed_limits_are_refused(text):
    with pytest.raises(UsageError):
        parse_limit(text)


FRAMES = st.integers(0, 10**6)


@pytest.mark.slow
@given(st.lists(FRAMES, min_size=2, max_size=2).map(sorted))
def test_frames_are_read_as_they_are_written(ends):
    first, last = ends
    begin, end = Moment.parse(str(first)), Moment.parse(str(last))
    assert parse_frames(f"{first}-{last}") == (begin, end)
    assert parse_frames(f" {first} - ") == (begin, None)
    assert parse_frames(f"-{last}") == (None, end)
    assert parse_frames(f"{first}") == (begin, begin)


@pytest.mark.slow
@given(st.fractions(Fraction(1, 1000), 10_000, max_denominator=10**6))
def test_a_rate_is_read_as_it_is_written(rate):
    assert parse_rate(f" {rate} ") == rate


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59), st.integers(1, 999))
def test_a_limit_is_read_in_every_unit(hours, minutes, seconds, milliseconds):
    whole = Fraction(((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds, 1000)
    assert parse_limit(f"{hours}:{minutes:02}:{seconds:02}.{milliseconds:03}") == whole
    assert parse_limit(f"{whole * 1000} ms") == whole
    assert parse_limit(f"{float(whole):.3f}s") == whole
    assert parse_limit(f"{milliseconds}f") == milliseconds


@given(st.sampled_from(["420", "422", "444", "rgb"]), st.sampled_from([None, 8, 10, 12, 16]), st.sampled_from("-:_ "))
def test_a_pixel_format_is_read_as_it_is_written(chroma, depth, mark):
    assert parse_pixel_format(f"{chroma}{mark}{depth} bit" if depth else chroma) == (chroma, depth)


@pytest.mark.parametrize("parse", [parse_frames, parse_start, parse_rate, parse_limit, parse_pixel_format])
@given(text=st.one_of(st.text(max_size=12), st.from_regex(r"[0-9.:/ fsmh-]{0,10}", fullmatch=True)))
def test_any_text_is_read_or_refused_with_a_sentence(parse: Callable[[str], object], text):
    with contextlib.suppress(UsageError):
        parse(text)


def test_each_frame_has_its_weights():
    settings = Settings().replace(style_weight=3, tv_weight=0)
    assert (
        settings.at(0) == settings.at(99) == FrameWeights(content=1.0, style=3.0, temporal=3000.0, tv=0.0, detail=400.0)
    )


def test_a_part_begins_once():
    assert Settings().replace(start="13s").media.start == "13s"
    with pytest.raises(UsageError, match="--from 13s --limit 4s is --frames 13s-17s"):
        Settings().replace(start="13s", frames="4-")
    with pytest.raises(UsageError, match="--from 'soon'"):
        Settings().replace(start="soon")
