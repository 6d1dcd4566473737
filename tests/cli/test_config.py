from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from vidstyle.cli.config import KNOWN_VARIABLES, Layer, resolve, user_file, user_programs
from vidstyle.errors import UsageError
from vidstyle.settings import GROUP_OF, Keys, StyleImage, preset

SOURCES = ("flags", "environment", "local", "user", "preset")


def _say(source: str, steps: int, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    """Let a source say a number of steps, and give what the flags say."""
    match source:
        case "flags":
            return {"steps": str(steps)}
        case "environment":
            monkeypatch.setenv("VIDSTYLE_STEPS", str(steps))
        case "local":
            Path("vidstyle.toml").write_text(f"steps = {steps}\n")
        case "user":
            user_file().parent.mkdir(parents=True)
            user_file().write_text(f"[solve]\nsteps = {steps}\n")
        case "preset":
            monkeypatch.setenv("VIDSTYLE_PRESET", "draft")
    return {}


@pytest.mark.parametrize("strongest", range(len(SOURCES)))
def test_each_source_precedes_the_weaker_ones(folder: Path, monkeypatch: pytest.MonkeyPatch, strongest: int) -> None:
    flags: dict[str, Any] = {}
    for steps, source in enumerate(SOURCES[strongest:], 101):
        flags.update(_say(source, steps, monkeypatch))
    chosen = resolve(Layer("the command line", flags))
    expected = preset("draft").solve.steps if SOURCES[strongest] == "preset" else 101
    assert chosen.settings.solve.steps == expected
    assert chosen.settings.solve.first_frame_steps == preset("draft").solve.first_frame_steps


def test_without_sources_the_defaults_hold(folder: Path) -> None:
    chosen = resolve(Layer("the command line"))
    assert (chosen.settings, chosen.preset, chosen.sources) == (preset("standard"), "standard", ())


def test_the_preset_may_come_from_any_source_and_the_strongest_counts(folder: Path) -> None:
    Path("vidstyle.toml").write_text('preset = "draft"\n')
    assert resolve(Layer("the command line")).settings == preset("draft")
    assert resolve(Layer("the command line", preset="final")).settings == preset("final")


def test_a_file_may_name_styles_and_output(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "project"
    elsewhere.mkdir()
    (elsewhere / "night.toml").write_text('style = ["wave.jpg:2", "~/x.png"]\noutput = "out.mkv"\n[media]\ncrf = 5\n')
    chosen = resolve(Layer("the command line"), elsewhere / "night.toml")
    assert chosen.styles == (StyleImage(elsewhere / "wave.jpg", 2.0), StyleImage(tmp_path / "x.png"))
    assert chosen.output == "out.mkv"
    assert chosen.settings.media.crf == 5
    own = resolve(
        Layer("the command line", styles=(StyleImage(Path("a.jpg")),), output="b.mp4"), elsewhere / "night.toml"
    )
    assert (own.styles, own.output) == ((StyleImage(Path("a.jpg")),), "b.mp4")


def test_a_file_beside_the_clip_may_not_name_a_program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ('ffmpeg = "./evil"', '[run]\nffmpeg = "./evil"'):
        for path, named in ((Path("vidstyle.toml"), None), (Path("other.toml"), Path("other.toml"))):
            path.write_text(text)
            with pytest.raises(UsageError, match=r"(?s)toml.*VIDSTYLE_FFMPEG"):
                resolve(Layer("the command line"), named)
            path.unlink()
    user_file().parent.mkdir(parents=True)
    user_file().write_text('ffmpeg = "bin/ffmpeg"')
    own = str(user_file().parent / "bin" / "ffmpeg")  # whatever the current folder holds
    assert resolve(Layer("the command line")).settings.run.ffmpeg == own
    assert resolve(Layer("the command line"), user_file()).settings.run.ffmpeg == own
    assert user_programs() == {"ffmpeg": own}
    user_file().write_text('ffmpeg = "ffmpeg6"')
    assert user_programs() == {"ffmpeg": "ffmpeg6"}
    monkeypatch.setenv("VIDSTYLE_FFMPEG", "./mine")
    assert user_programs() == {"ffmpeg": "./mine"}


def test_a_named_file_is_read_instead_of_the_local_one(folder: Path) -> None:
    Path("vidstyle.toml").write_text("steps = 7\nfirst_frame_steps = 8\n")
    Path("other.toml").write_text("steps = 9\n")
    chosen = resolve(Layer("the command line"), Path("other.toml")).settings.solve
    assert (chosen.steps, chosen.first_frame_steps) == (9, preset("standard").solve.first_frame_steps)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("stepps = 3", "did you mean 'steps'"),
        ("[solve]\ncrf = 3", "crf"),
        ("[sovle]\nsteps = 3", "sovle"),
        ("steps = 'many'", "steps"),
        ("steps = true", "steps"),
        ("steps = 0", "steps"),
        ("network = 'alexnet'", "alexnet"),
        ("preset = 'best'", "best"),
        ("preset = 3", "preset"),
        ("style = 3", "style"),
        ("style = ['wave.jpg', 2]", "style"),
        ("style = 'wave.jpg:0'", "wave.jpg"),
        ("steps = ", "TOML"),
    ],
)
def test_a_mistake_in_a_file_names_the_file(folder: Path, text: str, named: str) -> None:
    Path("vidstyle.toml").write_text(text)
    Path("wave.jpg").touch()
    with pytest.raises(UsageError, match=r"^vidstyle\.toml: ") as caught:
        resolve(Layer("the command line"))
    assert named in str(caught.value)


def test_a_file_in_another_encoding_or_a_missing_one(folder: Path) -> None:
    Path("latin.toml").write_bytes("network_weights = 'é'".encode("latin-1"))
    for name in ("latin.toml", "missing.toml"):
        with pytest.raises(UsageError, match=name):
            resolve(Layer("the command line"), Path(name))


def test_a_mistake_in_the_environment_names_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDSTYLE_STEPS", "many")
    with pytest.raises(UsageError, match=r"environment.*steps"):
        resolve(Layer("the command line"))
    assert resolve(Layer("the command line", {"steps": "3"})).settings.solve.steps == 3


def test_an_empty_variable_counts_as_unset(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDSTYLE_STEPS", "")
    assert resolve(Layer("the command line")).settings == preset("standard")


def test_a_mistake_in_a_flag_names_the_flag(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"^--first-frame-steps = 'many'"):
        resolve(Layer("the command line", {"steps": "3", "first_frame_steps": "many"}))
    with pytest.raises(UsageError, match="there is no preset named 'best'"):
        resolve(Layer("the command line", preset="best"))


def test_settings_are_checked_with_all_sources_merged(folder: Path) -> None:
    Path("vidstyle.toml").write_text("content_weight = 0\n")
    assert resolve(Layer("the command line")).settings.objective.content_weight == 0
    with pytest.raises(UsageError, match="both 0"):
        resolve(Layer("the command line", {"style_weight": "0"}))


def test_every_setting_has_a_variable() -> None:
    assert {f"VIDSTYLE_{key.upper()}" for key in (*GROUP_OF, "preset")} <= set(KNOWN_VARIABLES)


def test_a_file_of_keys_says_what_changes_over_time_and_a_flag_beside_it_says_otherwise(folder: Path) -> None:
    Path("ramp.toml").write_text(
        'strength = { "0s" = 0, "1s" = 1 }\nstyle_weight = "5@1,20@48"\n[styles]\n"a.jpg" = { "1" = 1, "9" = 0 }\n'
    )
    Path("vidstyle.toml").write_text('keys = "ramp.toml"\nstyle = ["a.jpg", "b.jpg"]\n')
    chosen = resolve(Layer("the command line", {"style_weight": "7"}))
    assert chosen.settings.media.strength == Keys.parse("0@0s,1@1s")
    assert chosen.settings.objective.style_weight == 7
    assert [style.weight for style in chosen.styles] == [Keys({1: 1, 9: 0}), 1.0]
    again = resolve(Layer("the command line", {"strength": "0.5"}).with_keys(Path("ramp.toml")))
    assert (again.settings.media.strength, str(again.settings.objective.style_weight)) == (0.5, "5@1,20@48")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('strenght = "0@1"', "did you mean 'strength'"),
        ('steps = "0@1"', "may change over time are strength"),
        ("strength = 0.5", "strength needs values by time"),
        ('strength = { "soon" = 1 }', "strength: 'soon' is no time"),
        ('strength = { "0s" = true }', "True at 0s is no number"),
        ("styles = 3", "styles must be a table"),
        ('[styles]\n"c.jpg" = "0@1,1@2"', "did you mean 'a.jpg'"),
    ],
)
def test_keys_that_make_no_sense_are_told_with_their_file(folder: Path, text: str, words: str) -> None:
    Path("keys.toml").write_text(text)
    with pytest.raises(UsageError, match=words):
        resolve(Layer("the command line", styles=(StyleImage(Path("a.jpg")),)).with_keys(Path("keys.toml")))
