"""A Slurm of two nodes on this machine, in a folder of its own: nothing outside it is touched."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

NODES = ("n1", "n2")
PROGRAMS = ("setpriv", "munged", "mungekey", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo")
CONF = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
MpiDefault=none
ReturnToService=2
SlurmctldTimeout=10
SlurmdTimeout=5
InactiveLimit=0
KillWait=120
MinJobAge=300
BatchStartTimeout=10
GresTypes=gpu
SlurmdParameters=config_overrides
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1 RealMemory=2000 Gres=gpu:1
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1 RealMemory=2000 Gres=gpu:1
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
"""


def why_not() -> str | None:
    """Why there can be no cluster here; None where there can."""
    if absent := [program for program in PROGRAMS if _program(program) is None]:
        return f"no Slurm on this machine: {', '.join(absent)} not found"
    return None if os.geteuid() == 0 else "Slurm's daemons need root"


class Cluster:
    """A controller and two nodes of one core and one (make-believe) GPU each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"SLURM_CONF": str(folder / "slurm.conf")}
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Bring everything up, and wait until both nodes are idle."""
        for name in ("state", *(f"spool-{node}" for node in NODES)):
            (self.folder / name).mkdir()
        os.mknod(self.folder / "gpu", 0o20666, os.makedev(1, 3))
        conf = CONF.format(host=socket.gethostname().split(".")[0], ports=_free_ports(3), folder=self.folder)
        (self.folder / "slurm.conf").write_text(conf)
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")
        (self.folder / "gres.conf").write_text(f"NodeName=n[1-2] Name=gpu File={self.folder}/gpu\n")
        subprocess.run([_program("mungekey") or "", "--create", f"--keyfile={self.folder}/munge.key"], check=True)
        files = {"key-file": "key", "pid-file": "pid", "log-file": "log", "seed-file": "seed", "socket": "socket"}
        places = (f"--{option}={self.folder}/munge.{suffix}" for option, suffix in files.items())
        self._run("munged", "--foreground", "--force", *places)
        until(lambda: (self.folder / "munge.socket").exists())
        self.start_controller()
        for node in NODES:
            self.start_node(node)
        self.wait_idle()

    def stop(self) -> None:
        """Take everything down, jobs and orphans of killed nodes included."""
        with contextlib.suppress(subprocess.SubprocessError):
            self.call("scancel", "--user=root")
            until(lambda: not self.call("squeue", "--noheader"), 20)
        for process in reversed(self._daemons.values()):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    def start_controller(self) -> None:
        """Start the controller, from the state that its last run left."""
        self._run("slurmctld", "-D")
        until(lambda: "UP" in self.call("scontrol", "ping", check=False))

    def start_node(self, node: str) -> None:
        """Start a node's daemon."""
        self._run("slurmd", "-D", "-N", node, name=node)

    def kill(self, name: str) -> None:
        """End a daemon ("slurmctld" or a node) as a power cut would; what it started runs on."""
        process = self._daemons.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def wait_idle(self) -> None:
        """Wait until both nodes can take jobs."""
        until(lambda: self.call("sinfo", "--noheader", "--format=%T", check=False).split() == ["idle"])

    def wait_saved(self) -> None:
        """Wait until the controller has written down all it knows now: what it hasn't, its death makes it forget."""
        begin, saved = time.time(), self.folder / "state" / "job_state"
        until(lambda: saved.exists() and saved.stat().st_mtime > begin)

    def call(self, *command: str, check: bool = True) -> str:
        """What one of Slurm's commands says."""
        environment = os.environ | self.environment
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=check, timeout=120).stdout

    def state(self, job: str) -> str:
        """The state of a job, such as COMPLETED or FAILED; of an array, those of its tasks, each once."""
        lines = self.call(
            "squeue", "--noheader", "--array", "--states=all", f"--jobs={job}", "--format=%T", check=False
        )
        return ",".join(sorted(set(lines.split())))

    def _run(self, program: str, *words: str, name: str = "") -> None:
        # Whatever becomes of the tests, no daemon outlives them.
        command = ["setpriv", "--pdeathsig=TERM", _program(program) or program, *words]
        with (self.folder / "daemons.log").open("ab") as log:
            self._daemons[name or program] = subprocess.Popen(
                command, env=os.environ | self.environment, stdout=log, stderr=log
            )


def until(holds: Callable[[], bool], seconds: float = 300.0) -> None:
    """Wait for something to be true, for as long as it may take on a busy machine."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:g} s")
        time.sleep(0.1)


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
