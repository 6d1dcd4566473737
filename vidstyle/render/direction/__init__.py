"""The artist's direction: what is asked of each frame, and how much of its painting is shown."""
