"""Optical flow methods, one a module."""
