import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from typer.testing import Result

from vidstyle.cli.commands.doctor import _licences, examine
from vidstyle.settings import Settings
from vidstyle.style.network.device import Device

Run = Callable[..., Result]


@pytest.mark.slow
def test_this_machine_is_ready_to_paint(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0, result.stderr
    assert not result.stdout
    assert "Ready to paint" in result.stderr
    for name in ("python", "packages", "ffmpeg", "weights", "faces", "folder", "temp", "config", "device", "frame"):
        assert f" {name} " in result.stderr


def test_the_terms_of_what_is_installed_are_told() -> None:
    (finding,) = _licences(Settings())
    assert "vidstyle is MIT" in finding.found and "is GPL" in finding.found and "PyAV" in finding.found
    assert "YuNet" in finding.found


def test_a_missing_part_does_not_stop_the_other_checks(run: Run) -> None:
    result = run("doctor", "--json", "--ffmpeg", "./nowhere", "--device", "cuda:99")
    assert result.exit_code == 69
    assert not result.stderr
    *checks, verdict = (json.loads(line) for line in result.stdout.splitlines())
    assert verdict == {"type": "verdict", "ready": False}
    assert [check["name"] for check in checks if check["status"] == "missing"] == ["ffmpeg", "device", "frame"]
    assert "--ffmpeg" in next(check["found"] for check in checks if check["name"] == "ffmpeg")


def test_a_mistake_in_a_config_file_is_found(folder: Path) -> None:
    (folder / "vidstyle.toml").write_text("stepps = 3")
    finding = next(finding for finding in examine(Settings()) if finding.name == "config")
    assert finding.status == "missing"
    assert "vidstyle.toml" in finding.found


def test_an_unknown_variable_is_noted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDSTYLE_STEPSS", "3")
    monkeypatch.setenv("VIDSTYLE_CRF", "3")
    before_device = itertools.takewhile(lambda finding: finding.name != "device", examine(Settings()))
    found = [finding for finding in before_device if finding.name == "config"]
    assert [finding.status for finding in found] == ["ok", "note", "ok"]
    assert "VIDSTYLE_STEPS?" in found[1].advice
    assert found[2].found == "VIDSTYLE_CRF=3"


@pytest.mark.slow
def test_a_device_without_bfloat16_paints_in_float32(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    to_device = Device.to_device

    def refuse(self: Device, tensor: torch.Tensor) -> torch.Tensor:
        if self.dtype == torch.bfloat16:
            raise RuntimeError("BFloat16 is not supported on this device")
        return to_device(self, tensor)

    monkeypatch.setattr(Device, "to_device", refuse)
    result = run("doctor", "--device", "cpu")
    assert result.exit_code == 0, result.stderr
    assert "Ready to paint" in result.stderr
    assert "BFloat16 is not supported" in result.stderr and "--precision float32" in result.stderr
