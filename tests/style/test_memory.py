import os
import subprocess
import sys

import pytest

# Holes of another size in each frame; prints the megabytes in use after 100 frames and after 500.
PROGRAM = """
import numpy as np, psutil, torch
from vidstyle.settings import Settings
from vidstyle.style.request import Prior
from vidstyle.style.solver import FrameSolver

settings = Settings().replace(
    device="cpu", precision="auto", threads=1, steps=1, content_layers="relu2_1", style_layers="relu2_1,relu3_1"
)
frame = np.random.default_rng(0).random((48, 64, 3), dtype=np.float32)
solver = FrameSolver([(frame, 1.0)], (48, 64), settings)
for number in range(1, 501):
    trust = np.ones((48, 64), np.float32)
    trust.ravel()[: 5 * number] = 0
    for _ in solver.next(frame, [Prior(frame, trust)]):
        pass
    if number in (100, 500):
        print(psutil.Process().memory_info().rss / 1e6)
"""


@pytest.mark.slow
def test_after_500_frames_no_more_memory_is_in_use_than_after_100():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONEDNN")}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=environment, timeout=300
    )
    early, late = map(float, ran.stdout.split())
    assert late < early + 50
