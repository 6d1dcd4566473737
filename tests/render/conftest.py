"""A tiny clip and a tiny style."""

from tests.helpers.tiny_job import clip, make_clip, style
from tests.helpers.weights import weights_once

__all__ = ["clip", "make_clip", "style", "weights_once"]
