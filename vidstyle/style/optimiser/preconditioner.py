"""How steep the objective is for each kind of change to a picture: a preconditioner for the optimiser.

The objective's curvature is hundreds of times larger along a broad shift of brightness or colour, which every entry of
every Gram matrix sees, than along a pixel-fine pattern. One scalar for all directions, as L-BFGS begins with, has to
be the largest of them. Here there is one for each band of spatial frequency, half an octave wide, across or down the
picture, of brightness and of the two opponent colours. These 72 numbers are fitted to the steps taken, and are good for
the next size and the next frame too. Where nothing else is known of single pixels, busy ones are told from flat ones.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.style.objective.shot_colour import opponent

# Half-octaves below the Nyquist frequency; the last holds all that is broader. Each is two bands: what varies more
# across the picture than down it, and what varies more down.
_HALF_OCTAVES = 12
_BANDS = 2 * _HALF_OCTAVES
# No band's curvature strays further than this from that of all together: a fit to little energy is noise.
_LIMIT = 30.0
# Share of the newest fit in the running (geometric) mean.
_NEWEST = 0.3
# Pixels across the window in which pixels are compared, and by which factor one differs from the mean of all at most.
_WINDOW = 9
_UNEVEN = 10.0


@dataclass(frozen=True)
class Spectrum:
    """Splits images of one size, (H, W), into opponent colours and bands of frequency."""

    size: tuple[int, int]
    device: torch.device

    def fit(self, step: Tensor, change: Tensor, before: Tensor | None = None) -> Tensor:
        """Curvatures (3, bands) from a step and the gradient's change along it, both (1, 3, H, W).

        Each is ‖y‖/‖s‖ over its part of the spectrum, the geometric mean of the two secant estimates of Barzilai and
        Borwein 1988, which no disagreement of step and change can make negative; `before` is what they are averaged
        with.
        """
        ss, yy = self._energy(self._transform(step)), self._energy(self._transform(change))
        overall = (yy.sum() / ss.sum()).sqrt().clamp_min(1e-20)  # a linear loss has none
        # A band that a small image has no frequency of is like all the others.
        curvature = torch.where(ss > 0, (yy / ss).sqrt(), overall)
        curvature = curvature.clamp(overall / _LIMIT, overall * _LIMIT)
        return curvature if before is None else _running_mean(before, curvature)

    def divide(self, gradient: Tensor, curvature: Tensor) -> Tensor:
        """The gradient (1, 3, H, W), each part of its spectrum divided by its curvature (3, bands)."""
        spectrum = self._transform(gradient) / curvature[:, self._band]  # (1, 3, H, W/2+1)
        planes = torch.fft.irfft2(spectrum, s=self.size, norm="ortho")
        return torch.einsum("ij,bihw->bjhw", opponent(self.device), planes)

    def solve(self, gradient: Tensor, curvature: Tensor, stiffness: Tensor | None) -> Tensor:
        """The gradient divided by the curvature and by the `stiffness`, (1, 1, H, W), that adds to it pixel by pixel.

        The one is diagonal in frequency, the other in space, and their sum in neither. Where the stiffness is small
        this is the division by the curvature, where it is large by the stiffness, and in between symmetric and
        positive: A·(r)⁻¹·A with A = (κ + D)^-½ in space, κ the mean curvature, and ratios r of frequencies that are
        the flatter, the more the stiffness outweighs them.
        """
        if stiffness is None:
            return self.divide(gradient, curvature)
        mean = curvature.log().mean().exp()
        mean_stiffness = stiffness.mean()
        root = ((mean + mean_stiffness) / (mean + stiffness)).sqrt()
        return root * self.divide(root * gradient, curvature + mean_stiffness)

    def uniform(self, value: float) -> Tensor:
        """The same curvature everywhere, (3, bands)."""
        return torch.full((3, _BANDS), value, device=self.device)

    def _transform(self, image: Tensor) -> Tensor:
        return torch.fft.rfft2(torch.einsum("ij,bjhw->bihw", opponent(self.device), image), norm="ortho")

    def _energy(self, spectrum: Tensor) -> Tensor:
        """The squared norm of each part of a spectrum, (3, bands)."""
        product = ((spectrum.real.square() + spectrum.imag.square()) * self._multiplicity)[0].flatten(1)
        # One sum a band, not index_add_, which adds by atomics on CUDA, in another order each time.
        return torch.stack([product[:, members].sum(1) for members in self._members], 1)

    @cached_property
    def _band(self) -> Tensor:
        """Which band each frequency is of, (H, W/2+1)."""
        return _bands(self.size).to(self.device)

    @cached_property
    def _members(self) -> list[Tensor]:
        """The frequencies of each band, as indices into the flattened spectrum."""
        band = _bands(self.size).flatten()
        return [(band == number).nonzero().squeeze(1).to(self.device) for number in range(_BANDS)]

    @cached_property
    def _multiplicity(self) -> Tensor:
        """How often each frequency of the halved spectrum stands in the whole one, (W/2+1,)."""
        width = self.size[1]
        counts = torch.full((width // 2 + 1,), 2.0, device=self.device)
        counts[0] = 1.0
        if width % 2 == 0:
            counts[-1] = 1.0
        return counts


def local_curvature(step: Tensor, change: Tensor, before: Tensor | None = None) -> Tensor:
    """How much steeper the objective is at each pixel than on (geometric) average, (1, 1, H, W).

    From a step and the gradient's change along it, both (1, 3, H, W), as ‖y‖/‖s‖ in a window around each pixel;
    `before` is what it is averaged with. A flat area is less steep than a busy one, many times so.
    """
    ss, yy = (_blurred(each.square().sum(1, keepdim=True)) for each in (step, change))
    local = (yy.clamp_min(1e-30) / ss.clamp_min(1e-30)).sqrt()
    local = (local / local.log().mean().exp()).clamp(1 / _UNEVEN, _UNEVEN)
    return local if before is None else _running_mean(before, local)


def _running_mean(before: Tensor, newest: Tensor) -> Tensor:
    return torch.exp(torch.lerp(before.log(), newest.log(), _NEWEST))


def _blurred(plane: Tensor) -> Tensor:
    for _ in range(2):
        # Down and across by turns: torch adds up a window value by value.
        for window in ((_WINDOW, 1), (1, _WINDOW)):
            reach = (window[0] // 2, window[1] // 2)
            plane = F.avg_pool2d(plane, window, 1, reach, count_include_pad=False)
    return plane


def _bands(size: tuple[int, int]) -> Tensor:
    """Which band each frequency of the halved spectrum of images of that size is of, (H, W/2+1), on the CPU.

    Two make a half-octave, 0 and 1 the broadest.
    """
    down, across = torch.fft.fftfreq(size[0])[:, None], torch.fft.rfftfreq(size[1])[None]
    frequency = (down.square() + across.square()).sqrt()
    half_octave = _HALF_OCTAVES - 1 + (2 * torch.log2((frequency / 0.5).clamp_min(1e-9))).floor()
    return 2 * half_octave.clamp(0, _HALF_OCTAVES - 1).long() + (down.abs() > across).long()
