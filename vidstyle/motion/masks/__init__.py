"""A mask drawn on a few frames, carried over a shot: by motion, by colours, and by what the background is."""
