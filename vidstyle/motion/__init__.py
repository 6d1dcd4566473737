"""Optical flow, how far to trust it, warping along it, and shot cuts."""
