"""Display transforms: from the values that a file stores to what is painted, and back.

The painter works on pictures as a screen shows them, 0 to 1. Light beyond that, the sun or what a denoiser left below
zero, lies on a smooth shoulder above white and a toe below black, so that all of a file's values come back. Each
channel is by itself and in the file's own colours: no matrix mixes one channel's rounding into another. It is the style
picture that is turned into those colours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vidstyle.media.color import ocio
from vidstyle.media.color import transfer as curves
from vidstyle.media.color.transfer import BT709, CURVES, SRGB_SLOPES, Primaries

BLACK, WHITE = 0.02, 0.9
"""Where light of 0 and of 1 is shown."""

# The most light that the shoulder has room for, which is more than 16-bit floats hold.
_MOST = 2.0**20
_HALF = 65_504.0


@dataclass(frozen=True)
class DisplayTransform:
    """What stored values mean, and so how they are displayed.

    Attributes
    ----------
    transfer
        A name of :data:`vidstyle.media.color.transfer.CURVES`; "srgb" is shown as it is.
    primaries
        The colours of red, green, blue and white.
    config, space
        An OpenColorIO configuration and the name of its colour space that the values are in; empty where there is none.
    floating
        Whether the values are floats, which don't end at 0 and 1.
    """

    transfer: str = "srgb"
    primaries: Primaries = BT709
    config: str = ""
    space: str = ""
    floating: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether values are displayed as they are stored."""
        return self.transfer == "srgb" and not self.config

    def to_display(self, values: np.ndarray) -> np.ndarray:
        """(H, W, 3) stored values as they are painted, float32, 0..1."""
        if self.is_plain:
            return np.clip(values, 0, 1)
        return tone_map(self.to_light(values))

    def from_display(self, image: np.ndarray) -> np.ndarray:
        """The inverse of :meth:`to_display`."""
        return image if self.is_plain else self.from_light(inverse_tone_map(image))

    def to_light(self, values: np.ndarray) -> np.ndarray:
        """Stored values as light in this transform's own primaries, 1 for white."""
        if self.config:
            return ocio.to_linear(self.config, self.space, values)
        return _float(CURVES[self.transfer][0](_finite(values)))

    def from_light(self, values: np.ndarray) -> np.ndarray:
        """The inverse of :meth:`to_light`."""
        if self.config:
            return ocio.from_linear(self.config, self.space, values)
        values = _float(CURVES[self.transfer][1](values))
        return values if self.floating else np.clip(values, 0, 1)

    def from_srgb(self, picture: np.ndarray) -> np.ndarray:
        """An sRGB picture, (H, W, 3), 0..1, in the primaries and between the black and the white of this transform."""
        if self.is_plain:
            return picture
        linear = _float(curves.srgb_decoded(picture))
        if self.config:
            return tone_map(ocio.from_srgb(self.config, linear))
        return tone_map(curves.converted(linear, BT709, self.primaries))

    def to_srgb(self, image: np.ndarray) -> np.ndarray:
        """A displayed picture as :meth:`from_srgb` takes it; light above white, and colours beyond sRGB's, are cut."""
        if self.is_plain:
            return image
        return np.clip(_float(curves.srgb_encoded(self._light_in(image, BT709).clip(0, 1))), 0, 1)

    def converted_from(self, other: DisplayTransform, image: np.ndarray) -> np.ndarray:
        """A picture displayed by another transform, as the stored values of this one.

        Where this one is sRGB, light above white is drawn in, and colours beyond sRGB's are cut.
        """
        if self == other:
            return self.from_display(image)
        light = other._light_in(image, self.primaries)
        if self.is_plain:
            return np.clip((tone_map(light) - BLACK) / (1 - BLACK), 0, 1)
        return self.from_light(light)

    def _light_in(self, image: np.ndarray, primaries: Primaries) -> np.ndarray:
        if self.config:
            return curves.converted(ocio.to_srgb(self.config, inverse_tone_map(image)), BT709, primaries)
        light = _float(curves.srgb_decoded(image)) if self.is_plain else inverse_tone_map(image)
        return curves.converted(light, self.primaries, primaries)


PLAIN = DisplayTransform()
"""Values displayed as they are stored."""


def protect_highlights(painted: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Paint as far as it goes: between black and white, and over light beyond these as a glaze.

    On the shoulder a stroke that is hardly to be seen would be some stops of light, another in each channel, and a
    stroke of pure white a second sun. So light above white is the clip's own, darkened as white would be by that much
    paint, and light below black is the clip's own, with what the paint adds to black.

    Both are (H, W, 3), displayed by a transform that is not plain. What is not painted stays as it is.
    """
    result = np.clip(painted, BLACK, WHITE)
    over, under = shown > WHITE, shown < BLACK
    glaze = np.clip(WHITE + painted[over] - shown[over], BLACK, WHITE)
    result[over] = tone_map(inverse_tone_map(shown[over]) * inverse_tone_map(glaze))
    cover = np.clip(BLACK + painted[under] - shown[under], BLACK, WHITE)
    result[under] = tone_map(inverse_tone_map(shown[under]) + inverse_tone_map(cover))
    return result


def tone_map(values: np.ndarray) -> np.ndarray:
    """Light as it is shown: sRGB between 0 and 1, logarithmic beyond; smooth, rising, invertible."""
    shown: np.ndarray = BLACK + _CONTRAST * curves.srgb_encoded(np.clip(values, 0, 1))
    over, under = values > 1, values < 0
    shown[over] = WHITE + _SHOULDER * np.log1p((values[over] - 1) * (_CONTRAST * SRGB_SLOPES[1] / _SHOULDER))
    shown[under] = BLACK - _TOE * np.log1p(-values[under] * (_CONTRAST * SRGB_SLOPES[0] / _TOE))
    return np.clip(shown, 0, 1)


def inverse_tone_map(image: np.ndarray) -> np.ndarray:
    """The inverse of :func:`tone_map`."""
    image = _float(np.clip(image, 0, 1))
    values = curves.srgb_decoded(np.clip((image - BLACK) / _CONTRAST, 0, 1))
    over, under = image > WHITE, image < BLACK
    values[over] = 1 + np.expm1((image[over] - WHITE) / _SHOULDER) * (_SHOULDER / (_CONTRAST * SRGB_SLOPES[1]))
    values[under] = np.expm1((BLACK - image[under]) / _TOE) * (-_TOE / (_CONTRAST * SRGB_SLOPES[0]))
    return values


def half_codes(values: np.ndarray) -> np.ndarray:
    """Values as the bits of 16-bit floats, uint16: half precision at any size, where whole numbers lose the shades."""
    halves: np.ndarray = np.clip(values, -_HALF, _HALF).astype(np.float16)
    return halves.view(np.uint16)


def from_half_codes(codes: np.ndarray) -> np.ndarray:
    """The inverse of :func:`half_codes`, float32."""
    return _finite(codes.view(np.float16))


def _scale_for(room: float, slope: float) -> float:
    """The scale s of s·log(1 + slope·x/s) that comes to `room` at the most light there is."""
    scale = room
    for _ in range(40):
        scale = room / math.log1p(_MOST * slope / scale)
    return scale


_CONTRAST = WHITE - BLACK
_SHOULDER = _scale_for(1 - WHITE, _CONTRAST * SRGB_SLOPES[1])
_TOE = _scale_for(BLACK, _CONTRAST * SRGB_SLOPES[0])


def _finite(values: np.ndarray) -> np.ndarray:
    """float32 without what is no number; infinite light is the most that there is."""
    return _float(np.nan_to_num(_float(values), nan=0.0, posinf=_HALF, neginf=-_HALF))


def _float(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)
