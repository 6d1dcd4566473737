"""Optical flow methods, each a module with a function `create`, named as `settings.FlowMethod` names it."""

import importlib

import cv2

from vidstyle.errors import UsageError
from vidstyle.motion.camera.own_motion import WithCamera
from vidstyle.motion.flow import Flow
from vidstyle.settings import choices


def flow_method(name: str, device: str = "cpu", threads: int = 0) -> Flow:
    """The flow method of that name, whose flow is the camera's where nothing speaks for another motion.

    Parameters
    ----------
    name
        "dis", "raft" or "none" (nothing is known of the motion: zero everywhere). Only its module is imported, as RAFT
        brings torch with it.
    device
        A torch device, for the methods that run on one.
    threads
        CPU threads that OpenCV may use in this process, as torch has been told elsewhere; 0: one a core. Several
        processes on one machine would each take all of it.

    Raises
    ------
    UsageError
        There is no such method.
    DependencyError
        The method's weights are neither on this machine nor to be had from the network.
    """
    if name not in choices("flow"):
        raise UsageError(f"there is no flow method named '{name}': take {', '.join(choices('flow'))}.")
    if threads:
        cv2.setNumThreads(min(threads, cv2.getNumberOfCPUs()))
    method: Flow = importlib.import_module(f"{__name__}.{name}").create(device)
    return method if name == "none" else WithCamera(method)
