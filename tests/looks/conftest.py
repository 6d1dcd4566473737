"""The weights, unpacked once, and clips."""

from __future__ import annotations

from tests.helpers.tiny_job import make_clip
from tests.helpers.weights import weights_once

__all__ = ["make_clip", "weights_once"]
