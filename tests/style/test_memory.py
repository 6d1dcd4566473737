import os
import subprocess
import sys

import pytest

# Holes of another size in each frame; prints the megabytes in use after 20 frames and after 60. What is free, but not
# given back, is no sign of anything, and is given back first.
PROGRAM = """
import ctypes
import numpy as np, psutil
from vidstyle.settings import Settings
from vidstyle.style.request import Prior
from vidstyle.style.solver import FrameSolver

settings = Settings().replace(
    device="cpu", precision="auto", threads=1, steps=1, content_layers="relu2_1", style_layers="relu2_1,relu3_1"
)
give_back = getattr(ctypes.CDLL(None), "malloc_trim", lambda keep: None)
frame = np.random.default_rng(0).random((48, 64, 3), dtype=np.float32)
solver = FrameSolver([(frame, 1.0)], (48, 64), settings)
for number in range(1, 61):
    trust = np.ones((48, 64), np.float32)
    trust.ravel()[: 15 * number] = 0
    for _ in solver.next(frame, [Prior(frame, trust)]):
        pass
    if number in (20, 60):
        give_back(0)
        print(psutil.Process().memory_info().rss / 1e6)
"""


@pytest.mark.slow
def test_after_60_frames_no_more_memory_is_in_use_than_after_20():
    """A kernel that is kept for each size of a hole takes half a megabyte."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONEDNN")}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=environment, timeout=300
    )
    early, late = map(float, ran.stdout.split())
    assert late < early + 6
