"""Warp error, style and content distance, reports."""
