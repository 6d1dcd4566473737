"""What the numbers in a file mean as light: transfer curves, and the colours that red, green and blue are.

Light is linear and relative: 1.0 is diffuse white, a sheet of paper in the sun of the scene.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

Curve = Callable[[np.ndarray], np.ndarray]
Primaries = tuple[float, ...]
"""CIE 1931 x and y of red, green, blue and white: eight numbers."""

# Diffuse white of HDR video, in cd/m² and as an HLG signal (ITU-R BT.2408, table 1).
_WHITE_NITS, _WHITE_HLG = 203.0, 0.75
# SMPTE ST 2084, section 5.
_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
# ITU-R BT.2100, table 5.
_HLG_A = 0.17883277
_HLG_B, _HLG_C = 1 - 4 * _HLG_A, 0.5 - _HLG_A * np.log(4 * _HLG_A)
# Kodak's 10-bit printing density: 0.002 a code, gamma 0.6, white at 685, black at 95.
_CODE, _CODES_A_DECADE, _FILM_WHITE, _FILM_BLACK = 1023.0, 300.0, 685.0, 95.0
_FILM_OFFSET = 10 ** ((_FILM_BLACK - _FILM_WHITE) / _CODES_A_DECADE)
# IEC 61966-2-1, with the slope and the joint that make it smooth and invertible.
_GAMMA, _OFFSET = 2.4, 0.055
_SLOPE = (1 + _OFFSET) ** _GAMMA * (_GAMMA - 1) ** (_GAMMA - 1) / (_OFFSET ** (_GAMMA - 1) * _GAMMA**_GAMMA)
_JOINT = _OFFSET / (_GAMMA - 1) / _SLOPE
SRGB_SLOPES = (_SLOPE, (1 + _OFFSET) / _GAMMA)
"""How steep the sRGB curve is at 0 and at 1."""


def srgb_encoded(light: np.ndarray) -> np.ndarray:
    """Light 0..1 as sRGB values 0..1."""
    bright = (1 + _OFFSET) * np.maximum(light, _JOINT) ** (1 / _GAMMA) - _OFFSET
    return np.where(light < _JOINT, _SLOPE * light, bright)


def srgb_decoded(values: np.ndarray) -> np.ndarray:
    """The inverse of :func:`srgb_encoded`."""
    bright = ((np.maximum(values, _SLOPE * _JOINT) + _OFFSET) / (1 + _OFFSET)) ** _GAMMA
    return np.where(values < _SLOPE * _JOINT, values / _SLOPE, bright)


def _pq_encoded(light: np.ndarray) -> np.ndarray:
    power = np.clip(light * (_WHITE_NITS / 10_000), 0, 1) ** _M1
    return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2


def _pq_decoded(values: np.ndarray) -> np.ndarray:
    power = np.clip(values, 0, 1) ** (1 / _M2)
    return (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1) * (10_000 / _WHITE_NITS)


def _hlg_scene(values: np.ndarray) -> np.ndarray:
    bright = (np.exp((np.maximum(values, 0.5) - _HLG_C) / _HLG_A) + _HLG_B) / 12
    return np.where(values <= 0.5, values * values / 3, bright)


_HLG_GAIN = 1 / float(_hlg_scene(np.asarray(_WHITE_HLG)))


def _hlg_decoded(values: np.ndarray) -> np.ndarray:
    return _hlg_scene(np.clip(values, 0, 1)) * _HLG_GAIN


def _hlg_encoded(light: np.ndarray) -> np.ndarray:
    scene = np.clip(light / _HLG_GAIN, 0, 1)
    bright = _HLG_A * np.log(np.maximum(12 * scene, 1) - _HLG_B) + _HLG_C
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), bright)


def _film_decoded(values: np.ndarray) -> np.ndarray:
    density = 10 ** ((_CODE * values - _FILM_WHITE) / _CODES_A_DECADE)
    return (density - _FILM_OFFSET) / (1 - _FILM_OFFSET)


def _film_encoded(light: np.ndarray) -> np.ndarray:
    least = 10 ** (-_FILM_WHITE / _CODES_A_DECADE)
    density = np.maximum(light * (1 - _FILM_OFFSET) + _FILM_OFFSET, least)
    return (np.log10(density) * _CODES_A_DECADE + _FILM_WHITE) / _CODE


def _decades(count: float) -> tuple[Curve, Curve]:
    """The logarithmic curves of ITU-T H.273 (transfer characteristics 9 and 10)."""

    def decoded(values: np.ndarray) -> np.ndarray:
        return 10 ** (count * (values - 1))

    def encoded(light: np.ndarray) -> np.ndarray:
        return 1 + np.log10(np.maximum(light, 10**-count)) / count

    return decoded, encoded


def _same(values: np.ndarray) -> np.ndarray:
    return values


CURVES: Mapping[str, tuple[Curve, Curve]] = MappingProxyType(
    {
        "srgb": (srgb_decoded, srgb_encoded),
        "linear": (_same, _same),
        "pq": (_pq_decoded, _pq_encoded),
        "hlg": (_hlg_decoded, _hlg_encoded),
        "log": (_film_decoded, _film_encoded),
        "log100": _decades(2),
        "log316": _decades(2.5),
    }
)
"""Name → stored values to light, and back. All but "linear" hold values of 0 to 1."""

BT709: Primaries = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
BT2020: Primaries = (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290)
PRIMARIES: Mapping[str, Primaries] = MappingProxyType(
    {
        "bt709": BT709,
        "bt470m": (0.67, 0.33, 0.21, 0.71, 0.14, 0.08, 0.310, 0.316),
        "bt470bg": (0.64, 0.33, 0.29, 0.60, 0.15, 0.06, 0.3127, 0.3290),
        "smpte170m": (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, 0.3127, 0.3290),
        "smpte240m": (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, 0.3127, 0.3290),
        "film": (0.681, 0.319, 0.243, 0.692, 0.145, 0.049, 0.310, 0.316),
        "bt2020": BT2020,
        "smpte431": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),
        "smpte432": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
    }
)
"""ITU-T H.273's colours by FFmpeg's names."""

# Bradford's cone responses (Lam 1985).
_CONES = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def conversion(source: Primaries, target: Primaries) -> np.ndarray:
    """The (3, 3) matrix from light in one set of primaries to light in another; white stays white."""
    if np.allclose(source, target, atol=5e-4):  # files round them
        return np.eye(3)
    responses = [_CONES @ _xyz(primaries[6:]) for primaries in (source, target)]
    adapted = np.linalg.inv(_CONES) @ np.diag(responses[1] / responses[0]) @ _CONES
    return np.linalg.inv(_to_xyz(target)) @ adapted @ _to_xyz(source)


def converted(light: np.ndarray, source: Primaries, target: Primaries) -> np.ndarray:
    """(H, W, 3) light in other primaries; colours that these can't mix have negative parts."""
    return light @ conversion(source, target).T.astype(np.float32)


def _to_xyz(primaries: Primaries) -> np.ndarray:
    columns = np.stack([_xyz(primaries[start : start + 2]) for start in (0, 2, 4)], axis=1)
    return columns * np.linalg.solve(columns, _xyz(primaries[6:]))


def _xyz(chromaticity: Primaries) -> np.ndarray:
    x, y = chromaticity
    return np.array([x / y, 1.0, (1 - x - y) / y])
