"""What motion costs at 640×272, and how far off it is: ``python -m bench.motion``."""

from __future__ import annotations

import time
from collections.abc import Callable

import cv2
import numpy as np

from tests.synthetic import Disc, make_scene
from vidstyle.errors import MissingError
from vidstyle.motion.cuts import find_cuts
from vidstyle.motion.flow import FLOWS, both_ways, flow_method
from vidstyle.motion.reliability import reference_reliability, reliability
from vidstyle.motion.warp import warp

SIZE = (272, 640)


def milliseconds(work: Callable[[], object], repeats: int = 5) -> float:
    """The median time of a call, after one to warm up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times)) * 1e3


def main() -> None:
    """Print the tables."""
    scene = make_scene(2, SIZE, shift=(6.3, -2.4), degrees=0.7, disc=Disc((260, 140), 70, (-9, 4)))
    (earlier, image), (truth,), (uncovered,) = scene.images, scene.backward, scene.uncovered
    standing = np.linalg.norm(truth, axis=-1)[~uncovered].mean()
    print(
        f"flow both ways, {SIZE[1]}×{SIZE[0]}; end-point error on what both frames show, of {standing:.2f} px of motion"
    )
    flows = {}
    for name in FLOWS:
        try:
            flow = flow_method(name)
        except MissingError:
            print(f"  {name:6} its weights are not on this machine")
            continue
        flows[name] = both_ways(flow, image, earlier)
        errors = np.linalg.norm(flows[name][0] - truth, axis=-1)[~uncovered]
        time_taken = milliseconds(lambda flow=flow: both_ways(flow, image, earlier), 3)
        print(f"  {name:6} {time_taken:7.0f} ms  error {errors.mean():.3f} px, {errors.mean() / standing:.4f} of it")

    backward, forward = flows["dis"]
    print("reliability on the flow of dis: kept of what was there, and of what was not")
    for label, rule in (
        ("reference", lambda: reference_reliability(backward, forward)),
        ("ours", lambda: reliability(backward, forward, image, earlier)),
    ):
        trust = rule()
        kept, wrong = trust[~uncovered].mean(), trust[uncovered].mean()
        print(f"  {label:9} {milliseconds(rule):4.0f} ms  {kept:.3f}  {wrong:.3f}")

    turning = make_scene(2, SIZE, shift=(6.3, -2.4), degrees=0.7)
    (earlier, image), (truth,) = turning.images, turning.backward
    inside = np.s_[16:-16, 16:-16]
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    at = x + truth[..., 0], y + truth[..., 1]
    print("warp along the true flow: root mean square difference from the frame")
    for label, carry in (
        ("lanczos", lambda: warp(earlier, truth)),
        ("OpenCV's", lambda: cv2.remap(earlier, *at, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)),
        ("linear", lambda: warp(earlier, truth, "linear")),
    ):
        difference = np.sqrt(np.square(carry() - image)[inside].mean())
        print(f"  {label:9} {milliseconds(carry):4.0f} ms  {difference:.1e}")

    frames = [earlier, image] * 5
    print(f"cuts: {milliseconds(lambda: find_cuts(frames, 'auto', 0, 10), 1) / 10:.0f} ms a frame, all of them judged")


if __name__ == "__main__":
    main()
