"""The damaged files are the same each time, and an ending that must not be is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import damage, hostile
from bench.spoilt import VALID_FILES, WAYS, make_valid, spoil


@pytest.fixture(scope="module")
def valid(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return make_valid(tmp_path_factory.mktemp("valid"))


def test_a_number_and_a_seed_are_a_file(valid: dict[str, bytes], tmp_path: Path) -> None:
    ways = set()
    for number in range(24):
        spoilt = spoil(number, 1, valid, tmp_path)
        data = spoilt.path.read_bytes()
        assert spoil(number, 1, valid, tmp_path).path.read_bytes() == data
        ways.add(spoilt.way)
        if spoilt.way not in ("renamed", "zeroed"):
            assert data != valid[spoilt.origin]
    assert ways == set(WAYS)


@pytest.mark.slow
@pytest.mark.parametrize("name", VALID_FILES)
def test_a_valid_file_ends_whole(valid: dict[str, bytes], tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(valid[name])
    assert damage._ending(path, "stop")[0] == "whole"


@pytest.mark.slow
def test_what_is_shorter_is_silent_only_without_a_word(
    valid: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "h264.mkv"
    path.write_bytes(valid["h264.mkv"])
    monkeypatch.setattr(damage, "FRAMES", 30)
    assert damage._ending(path, "stop")[0] == "silent"
    path.write_bytes(valid["h264.mkv"][:20_000])
    (tmp_path / "out-stop.mkv").unlink()
    assert damage._ending(path, "stop")[0] == "refused"
    assert damage._ending(path, "paint")[0] == "warned"


@pytest.mark.slow
def test_hostile_job_folders_are_refused_or_harmless(tmp_path: Path) -> None:
    home = tmp_path / "home"
    hostile.make_jobs(home)
    every = hostile.cases(home, 10**6, 1)
    assert hostile.cases(home, 5, 1) == every[:5] and len(set(map(str, every))) == len(every)
    wanted = {
        "begun: job.json shots.1.stop huge": "refused",
        "whole: clip.json source.pts.steps pairs": "whole",
        "begun: shots/0002/lease.json token path": "whole",
        "whole: shots/0001  link to a folder": "refused",
        "whole: job.json  pipe": "refused",
    }
    found = {str(case): case for case in every}
    for number, (name, meant) in enumerate(wanted.items()):
        folder = hostile.attack(found[name], home, tmp_path / str(number))
        assert hostile.ending(2, folder)[0] == meant, name
