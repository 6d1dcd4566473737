"""Benchmarks: what is fast and what is good, measured side by side in one run. ``python -m bench`` prints them all."""
