"""Colour spaces of an OpenColorIO configuration, to its scene-linear one and back."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from vidstyle.errors import DependencyError, InputError, UsageError
from vidstyle.media.refusals import require_regular

# The space of OpenColorIO's built-in configuration by which any other one is tied to sRGB.
_SRGB = "Linear Rec.709 (sRGB)"
_LINEAR = "scene_linear"


def require_space(config: str, space: str) -> None:
    """Make sure that a configuration can be read, and knows a colour space (or a role) by this name.

    Raises
    ------
    DependencyError
        OpenColorIO isn't installed.
    InputError
        The configuration can't be read, or has no scene-linear space.
    UsageError
        The configuration has no such space.
    """
    loaded = _config(config)
    if loaded.getColorSpace(space) is None:
        names = [known.getName() for known in loaded.getColorSpaces() if not known.isData()]
        raise UsageError(f"--colorspace '{space}' is not in '{config}'. It has: {', '.join(names)}.")
    try:
        for processor in (_processor(config, space, _LINEAR), _processor(config, _LINEAR, space)):
            processor.applyRGB(np.zeros((1, 1, 3), np.float32))
        _from_srgb(config)
    except (_module().Exception, _module().ExceptionMissingFile) as error:
        raise InputError(f"'{config}' can't turn '{space}' into scene-linear light and back: {error}") from error


def to_linear(config: str, space: str, values: np.ndarray) -> np.ndarray:
    """(H, W, 3) values of a colour space as the configuration's scene-linear light."""
    return _applied(_processor(config, space, _LINEAR), values)


def from_linear(config: str, space: str, light: np.ndarray) -> np.ndarray:
    """The inverse of :func:`to_linear`."""
    return _applied(_processor(config, _LINEAR, space), light)


def from_srgb(config: str, light: np.ndarray) -> np.ndarray:
    """Light in sRGB's primaries as the configuration's scene-linear light."""
    return _applied(_from_srgb(config), light)


def to_srgb(config: str, light: np.ndarray) -> np.ndarray:
    """The inverse of :func:`from_srgb`."""
    return _applied(_to_srgb(config), light)


def _applied(processor: Any, values: np.ndarray) -> np.ndarray:
    result = np.array(values, np.float32, order="C")  # it is worked on in place
    processor.applyRGB(result)
    return result


def _module() -> Any:
    try:
        import PyOpenColorIO  # an extra: few have a configuration
    except ImportError as error:
        raise DependencyError(
            "--ocio needs OpenColorIO, which is not installed: pip install opencolorio (or 'vidstyle[ocio]')."
        ) from error
    return PyOpenColorIO


@lru_cache
def _config(config: str) -> Any:
    module = _module()
    if Path(config).exists():
        require_regular(Path(config), Path(config).stat().st_mode)
    try:
        loaded = module.Config.CreateFromFile(config)
        loaded.validate()
    except (module.Exception, module.ExceptionMissingFile) as error:
        raise InputError(f"--ocio '{config}' can't be read: {error}") from error
    if not loaded.hasRole(_LINEAR):
        raise InputError(f"--ocio '{config}' says no role '{_LINEAR}', by which its spaces are turned into light.")
    return loaded


@lru_cache
def _processor(config: str, source: str, target: str) -> Any:
    return _config(config).getProcessor(source, target).getDefaultCPUProcessor()


@lru_cache
def _from_srgb(config: str) -> Any:
    class_ = _module().Config
    return class_.GetProcessorFromBuiltinColorSpace(_SRGB, _config(config), _LINEAR).getDefaultCPUProcessor()


@lru_cache
def _to_srgb(config: str) -> Any:
    class_ = _module().Config
    return class_.GetProcessorToBuiltinColorSpace(_config(config), _LINEAR, _SRGB).getDefaultCPUProcessor()
