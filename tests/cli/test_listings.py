import json
from collections.abc import Callable

from typer.testing import Result

from vidstyle.settings import PRESETS

Run = Callable[..., Result]


def test_presets(run: Run) -> None:
    result = run("presets")
    assert (result.exit_code, result.stdout) == (0, "")
    assert all(name in result.stderr for name in PRESETS)
    values = [json.loads(line) for line in run("presets", "--json").stdout.splitlines()]
    assert [value["name"] for value in values] == list(PRESETS)
    for value in values:
        for key, setting in PRESETS[value["name"]][1].items():
            assert value["settings"][key] == (list(setting) if isinstance(setting, tuple) else setting)


def test_weights(run: Run) -> None:
    result = run("weights")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "builtin" in result.stderr
    values = {
        (value["name"], value["network"]): value
        for value in map(json.loads, run("weights", "--json").stdout.splitlines())
    }
    builtin = values["builtin", "vgg19"]
    assert builtin["present"]
    assert builtin["bytes"] > 1e6
    assert ("imagenet", "vgg16") in values
