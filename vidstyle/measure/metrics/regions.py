"""The style of newly uncovered regions against that of the rest: are they painted, or left bare?

In a single frame such a region holds few strokes, of one thing. So its features are gathered over all frames of a shot
before they are compared. The smaller a region is, the farther it is from any style, however it is painted: so it is
compared with regions of its shape elsewhere in the same frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.measure.metrics.style_distance import (
    GRAM_LAYERS,
    Style,
    StyleDistances,
    StyleFeatures,
    mean_distances,
)
from vidstyle.motion.flow import Array
from vidstyle.style.objective.losses import gram_matrix, masked_positions
from vidstyle.style.objective.sliced_wasserstein import STROKE_LAYERS, quantiles

SAMPLES = 8192
"""Features of a layer that are kept of a region, drawn evenly from all of its frames."""

ENOUGH = 256.0
"""Positions, at the third block, that a region must have to be judged."""

_MIRRORED = ((2,), (3,), (2, 3))
"""Axes along which a mask (1, 1, H, W) is mirrored to find regions of its shape elsewhere."""


@dataclass(frozen=True)
class Uncovered:
    """Newly uncovered regions, where nothing could be carried along, against the rest of the same frames.

    Beside their share of the frames, their style distances and those of as much of the rest; None where there is too
    little to judge.
    """

    share: float
    inside: StyleDistances | None
    rest: StyleDistances | None


class Sample:
    """Rows drawn from a stream with chances in proportion to their weights (Efraimidis and Spirakis 2006).

    The rows kept are those of the largest ``log(u)/weight``, u uniform in 0..1: so two samples can be merged.
    """

    def __init__(self) -> None:
        self.rows: Tensor | None = None
        self._keys = torch.empty(0)

    def add(self, rows: Tensor, weights: Tensor, generator: torch.Generator) -> None:
        """Take in rows (n, K) with weights (n,) in 0..1, on the CPU; those of weight 0 never count."""
        chosen = weights.nonzero().squeeze(1)
        drawn = torch.rand(len(weights), generator=generator).clamp_min(1e-30)
        self._take(rows[chosen.to(rows.device)], drawn[chosen].log() / weights[chosen])

    def merge(self, other: Sample) -> None:
        """Take in another sample."""
        if other.rows is not None:
            self._take(other.rows, other._keys)

    def _take(self, rows: Tensor, keys: Tensor) -> None:
        if self.rows is not None:
            rows, keys = torch.cat([self.rows, rows]), torch.cat([self._keys, keys])
        kept = keys.topk(min(SAMPLES, len(keys))).indices
        self.rows, self._keys = rows[kept.to(rows.device)], keys[kept]


class Region:
    """A part of several frames; regions whose samples are to be merged need seeds of their own."""

    def __init__(self, seed: int = 0) -> None:
        self.pixels = 0.0
        self._positions = dict.fromkeys(GRAM_LAYERS, 0.0)
        self._grams: dict[str, Tensor] = {}
        self._samples = {layer: Sample() for layer in STROKE_LAYERS}
        self._generator = torch.Generator().manual_seed(seed)

    def add(self, features: StyleFeatures, mask: Tensor) -> None:
        """Take in a frame: what is seen of it, and how far each pixel is of the region, (1, 1, H, W), on the CPU."""
        self.pixels += float(mask.sum())
        for layer in GRAM_LAYERS:
            seen = features.layers[layer]
            weights = F.adaptive_avg_pool2d(mask, (seen.shape[2], seen.shape[3]))
            positions = float(weights.sum())
            if positions == 0:
                continue
            gram = gram_matrix(seen, masked_positions(weights, seen.device))
            self._add_gram(layer, gram * positions, positions)
            if layer in STROKE_LAYERS:
                self._samples[layer].add(features.projections[layer], weights.flatten(), self._generator)

    def merge(self, other: Region) -> None:
        """Take in what another region has gathered."""
        self.pixels += other.pixels
        for layer, gram in other._grams.items():
            self._add_gram(layer, gram, other._positions[layer])
        for layer, sample in other._samples.items():
            self._samples[layer].merge(sample)

    def distances(self, style: Style) -> StyleDistances | None:
        """How far the region is from the style; None if it is too small."""
        if self._positions["relu3_1"] < ENOUGH:
            return None
        grams = {layer: gram / self._positions[layer] for layer, gram in self._grams.items()}
        found = {layer: quantiles(sample.rows) for layer, sample in self._samples.items() if sample.rows is not None}
        return style.compare(grams, found)

    def _add_gram(self, layer: str, gram: Tensor, positions: float) -> None:
        self._grams[layer] = self._grams[layer] + gram if layer in self._grams else gram
        self._positions[layer] += positions


class Regions:
    """The newly uncovered regions of some frames, and the rest of those frames; the seed is for what is drawn."""

    def __init__(self, seed: int = 0) -> None:
        self._inside, self._rest = Region(seed), Region(seed)
        self._mirrored = [Region(seed) for _ in _MIRRORED]

    def add(self, features: StyleFeatures, reliability: Array) -> None:
        """Take in a frame and how far each pixel is known from the frame before, (H, W) in 0..1."""
        carried = torch.from_numpy(reliability)[None, None]
        self._inside.add(features, 1 - carried)
        self._rest.add(features, carried)
        for region, axes in zip(self._mirrored, _MIRRORED, strict=True):
            region.add(features, (1 - carried).flip(axes) * carried)

    def merge(self, other: Regions) -> None:
        """Take in what another shot has gathered."""
        self._inside.merge(other._inside)
        self._rest.merge(other._rest)
        for region, others in zip(self._mirrored, other._mirrored, strict=True):
            region.merge(others)

    def compare(self, style: Style) -> Uncovered | None:
        """Both against the style; None if no frame was taken in."""
        pixels = self._inside.pixels + self._rest.pixels
        if not pixels:
            return None
        elsewhere = mean_distances(region.distances(style) for region in self._mirrored)
        # Of large regions there may be none of their shape elsewhere; there is enough of both then.
        rest = elsewhere or self._rest.distances(style)
        return Uncovered(self._inside.pixels / pixels, self._inside.distances(style), rest)
