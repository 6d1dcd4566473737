"""A tiny clip and a tiny style."""

from tests.helpers.tiny_job import clip, make_clip, style

__all__ = ["clip", "make_clip", "style"]
