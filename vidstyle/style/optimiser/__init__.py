"""Optimisers on the pixels."""
