"""How the program's process is begun: one place for memory, which is used again."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another libc than glibc")


@pytest.mark.slow
def test_threads_share_one_arena_of_memory() -> None:
    """Which glibc itself says: one "heap" for each."""
    code = """
import ctypes, sys, threading
from vidstyle.cli import main
sys.argv = ["vidstyle", "--version"]
try:
    main()
except SystemExit:
    pass
libc = ctypes.CDLL(None)
together = threading.Barrier(4)
threads = [threading.Thread(target=lambda: (libc.malloc(10_000), together.wait())) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count("<heap nr=") == 1


def test_the_program_reruns_in_the_same_process(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("""
import os, sys
from vidstyle.cli.tuning import reexec_with_malloc_tunables
reexec_with_malloc_tunables()
print(os.getpid(), sys.flags.utf8_mode, sys.argv[1:], sys.stdin.read(), os.environ["GLIBC_TUNABLES"])
""")
    command = [sys.executable, "-X", "utf8", str(script), "a b", "*"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "GLIBC_TUNABLES": "glibc.rtld.optional_static_tls=512"},
    ) as process:
        said, _ = process.communicate("words")
    assert said.split() == [
        *f"{process.pid} 1 ['a b', '*'] words".split(),
        "glibc.rtld.optional_static_tls=512:glibc.malloc.tcache_count=0",
    ]


def test_malloc_tunables_of_the_user_are_kept() -> None:
    code = """
import os
from vidstyle.cli.tuning import reexec_with_malloc_tunables
reexec_with_malloc_tunables()
print(os.environ["GLIBC_TUNABLES"])
"""
    asked = "glibc.malloc.tcache_count=3"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "GLIBC_TUNABLES": asked},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == asked


@pytest.mark.slow
def test_freed_memory_is_reused(tmp_path: Path) -> None:
    """Without a fault for each page, of which 64 MB have 16 384."""
    script = tmp_path / "program.py"
    script.write_text("""
from vidstyle.cli.tuning import reexec_with_malloc_tunables, tune
tune()
reexec_with_malloc_tunables()
import resource
import torch
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
taken = []
for _ in range(8):
    before = faults()
    picture = torch.ones(2**24)
    taken.append(faults() - before)
    del picture
print(*taken)
""")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    first, *later = map(int, done.stdout.split())
    assert first > 10_000
    # What else is freed meanwhile may take the first place before it is settled.
    assert max(later[3:]) < 1_000
