"""The weights, unpacked once."""

from __future__ import annotations

from tests.helpers.weights import weights_once

__all__ = ["weights_once"]
