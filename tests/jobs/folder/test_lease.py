"""One writer a shot."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.helpers.runs import drained
from vidstyle.errors import StoppedAtCheckpoint
from vidstyle.jobs.folder import lease as leases
from vidstyle.jobs.folder.lease import Lease, acquire, is_alive, read_holder
from vidstyle.machine import this_process


@pytest.fixture(autouse=True)
def quick_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "BEAT", 0.05)
    monkeypatch.setattr(leases, "PATIENCE", 0.5)


def taken(folder: Path) -> Lease:
    """The lease, however long its last holder has to be watched."""
    return watched(folder)[1]


def watched(folder: Path) -> tuple[int, Lease]:
    news, lease = drained(acquire(folder))
    return len(news), lease


def rewrite(folder: Path, **changes: object) -> None:
    """Let the lease's process be another one."""
    values = json.loads((folder / "lease.json").read_text())
    values["process"] |= changes
    (folder / "lease.json").write_text(json.dumps(values))


def test_a_live_holder_is_respected_and_a_released_lease_is_free(tmp_path: Path) -> None:
    first = taken(tmp_path)
    with pytest.raises(StoppedAtCheckpoint, match=f"process {os.getpid()} .*attempt 1"):
        taken(tmp_path)
    first.check()
    first.release("stopped")
    holder = read_holder(tmp_path)
    assert holder is not None and holder.ended == "stopped" and is_alive(tmp_path, holder) is False
    second = taken(tmp_path)
    assert second.holder.attempt == 2
    second.release("failed", "no disk")
    assert read_holder(tmp_path) == dataclasses.replace(
        second.holder, ended="failed", message="no disk", stalled_attempts=0
    )


def test_a_killed_process_is_taken_over_at_once(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from vidstyle.generators import finish\n"
        "from vidstyle.jobs.folder.lease import acquire\n"
        "finish(acquire(pathlib.Path(sys.argv[1])))\n"
        "os.kill(os.getpid(), 9)"
    )
    # Not waited for before it is taken over, so that it stays behind as a zombie: dead all the same.
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    holder = read_holder(tmp_path)
    assert holder is not None and holder.process.pid == process.pid and not holder.ended
    count, lease = watched(tmp_path)
    assert (count, lease.holder.attempt) == (0, 2)
    lease.release("done")
    process.wait()


def test_a_process_number_given_to_another_process_is_no_sign_of_life(tmp_path: Path) -> None:
    taken(tmp_path)
    rewrite(tmp_path, started=this_process().started - 100)
    assert watched(tmp_path)[0] == 0


def test_a_process_that_runs_and_gives_no_sign_of_life_is_watched_and_then_taken_over(tmp_path: Path) -> None:
    """Anybody can write the number of process 1 into a lease."""
    first = taken(tmp_path)
    first._stop_event.set()
    first._heartbeat_thread.join()
    for sign in (tmp_path / "lease.json", first.scratch / "heartbeat"):
        sign.touch()
        os.utime(sign, (0, 4e9))  # in the future
    news, second = watched(tmp_path)
    assert news > 0 and second.holder.attempt == 2
    second.release("stopped")


def test_a_holder_before_the_last_boot_is_dead(tmp_path: Path) -> None:
    taken(tmp_path)
    rewrite(tmp_path, namespace="another-boot pid:[1]")
    assert watched(tmp_path)[0] == 0


@pytest.mark.parametrize("elsewhere", [{"host": "node7"}, {"namespace": this_process().namespace + "0"}])
def test_a_holder_on_another_machine_is_alive_while_its_heartbeat_changes(
    tmp_path: Path, elsewhere: dict[str, str]
) -> None:
    lease = taken(tmp_path)
    rewrite(tmp_path, **elsewhere)
    with pytest.raises(StoppedAtCheckpoint, match="being worked at by"):
        taken(tmp_path)
    lease._stop_event.set()  # as when its machine loses power
    lease._heartbeat_thread.join()
    count, second = watched(tmp_path)
    assert count > 1
    assert second.holder.attempt == 2


def test_a_holder_on_another_machine_that_ends_while_watched_leaves_the_lease_free(tmp_path: Path) -> None:
    lease = taken(tmp_path)
    rewrite(tmp_path, host="node7")
    run = acquire(tmp_path)
    next(run)
    lease.release("stopped")
    assert drained(run)[1].holder.attempt == 2


@pytest.mark.parametrize("repetition", range(10))
def test_many_threads_that_claim_a_lease_at_once_leave_its_owner_s_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repetition: int
) -> None:
    claimants = 8
    everybody_looked = threading.Barrier(claimants)
    looked = threading.local()
    won: list[Lease] = []

    def look(folder: Path) -> leases.Holder | None:
        holder = read_holder(folder)
        if not hasattr(looked, "once"):
            looked.once = True
            everybody_looked.wait()  # all of them find the shot free
        return holder

    def claim() -> None:
        with contextlib.suppress(StoppedAtCheckpoint):
            won.append(taken(tmp_path))

    threads = [threading.Thread(target=claim) for _ in range(claimants)]
    with monkeypatch.context() as patched:
        patched.setattr(leases, "read_holder", look)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    holder = read_holder(tmp_path)
    assert holder is not None
    (owner,) = (lease for lease in won if lease.holder == holder)
    owner.check()
    assert owner.scratch.is_dir()
    for other in won:
        if other is not owner:
            with pytest.raises(StoppedAtCheckpoint):
                other.check()
            other.release("stopped")
    owner.check()
    assert [folder.name for folder in (tmp_path / "attempts").iterdir()] == [owner.scratch.name]
    owner.release("done")


@pytest.mark.slow
def test_one_of_many_processes_that_claim_a_lease_at_once_gets_it(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys, time\n"
        "from vidstyle.errors import StoppedAtCheckpoint\n"
        "from vidstyle.generators import finish\n"
        "from vidstyle.jobs.folder.lease import acquire\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "try: lease = finish(acquire(folder))\n"
        "except StoppedAtCheckpoint: print('stopped')\n"
        "else:\n"
        "    time.sleep(0.5)\n"
        "    try:\n"
        "        lease.check()\n"
        "        (lease.scratch / 'frame').write_bytes(b'painted')\n"
        "        print('owner')\n"
        "    except StoppedAtCheckpoint: print('stopped')\n"
    )
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    for process in crowd:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in crowd:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    words = [process.communicate()[0].strip() for process in crowd]
    assert sorted(words) == ["owner"] + ["stopped"] * 5
    assert all(process.returncode == 0 for process in crowd)


def test_check_stops_a_holder_whose_lease_was_taken_over(tmp_path: Path) -> None:
    orphan = taken(tmp_path)
    rewrite(tmp_path, started=0.0)
    owner = taken(tmp_path)
    with pytest.raises(StoppedAtCheckpoint, match="taken over by"):
        orphan.check()
    assert not orphan.scratch.exists()
    orphan.release("stopped")
    owner.check()
    holder = read_holder(tmp_path)
    assert holder is not None and (holder.token, holder.ended) == (owner.holder.token, "")


def test_check_stops_a_holder_whose_lease_is_gone(tmp_path: Path) -> None:
    lease = taken(tmp_path)
    shutil.rmtree(tmp_path)
    with pytest.raises(StoppedAtCheckpoint):
        lease.check()
    lease.release("stopped")
    assert not tmp_path.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"process": 1}', '{"process": {"pid": 1}}'])
def test_a_damaged_lease_counts_as_free(tmp_path: Path, text: str) -> None:
    (tmp_path / "lease.json").write_text(text)
    assert read_holder(tmp_path) is None
    taken(tmp_path).check()
