import re
from collections.abc import Callable
from pathlib import Path

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


def test_a_settings_text_gives_the_same_value() -> None:
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


def test_a_setting_of_few_values_shows_them_and_any_other_has_a_placeholder() -> None:
    assert {key for key, flag in FLAGS.items() if not flag.placeholder} == {key for key in GROUP_OF if choices(key)}


def test_flags_that_a_flags_help_names_exist() -> None:
    named = {word for flag in FLAGS.values() for word in re.findall(r"--[a-z-]+", flag.help)}
    assert named and named <= {flag_name(key) for key in GROUP_OF}


@pytest.mark.slow
def test_a_switch_takes_no_value_and_is_on_or_off_in_a_file(run: Run, inputs: Path) -> None:
    assert [from_dict({"loop": value}).motion.loop for value in (True, False, "on", "off")] == ["on", "off"] * 2
    for words, said in ((("--loop",), True), (("--loop", "--no-loop"), False)):
        told = run("clip.mp4", "--style", "noise.png", "--dry-run", *words)
        assert told.exit_code == 0 and ("loop on" in told.stderr) == said
