from collections.abc import Callable

import pytest
from typer.main import get_command
from typer.testing import Result

from vidstyle.cli.app import app
from vidstyle.cli.flags import FLAGS, PANELS, flag_name
from vidstyle.settings import GROUP_OF, Settings, choices, from_dict

Run = Callable[..., Result]


def test_every_setting_has_a_flag_and_every_flag_a_setting() -> None:
    assert set(FLAGS) == set(GROUP_OF)
    flags = {name for parameter in get_command(app).params for name in parameter.opts}
    assert {flag_name(key) for key in GROUP_OF} <= flags


def test_settings_survive_as_text() -> None:
    """What the command line hands over as text means the same as the value itself."""
    from vidstyle.cli.flags import text_of

    for key, value in {key: Settings().get(key) for key in GROUP_OF}.items():
        if value not in (None, ""):
            assert from_dict({key: text_of(value)}).get(key) == value


def test_help_shows_panels_defaults_values_and_commands(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    text = run("--help").output
    for panel in PANELS:
        assert f"─ {panel} ─" in text
    for key in ("pooling", "flow"):
        assert "|".join(choices(key)) in text
    assert f"({Settings().solve.first_frame_steps})" in text
    for word in ("--install-completion", "doctor", "presets", "weights", "vidstyle clip.mp4 --style wave.jpg"):
        assert word in text


def test_panels_are_in_order(run: Run) -> None:
    text = run("--help").output
    places = [text.index(f"─ {panel} ─") for panel in PANELS]
    assert places == sorted(places)


def test_flag_table_says_something_of_each() -> None:
    for key, flag in FLAGS.items():
        assert flag.help.endswith("."), key
        assert bool(flag.placeholder) != bool(choices(key)), key
