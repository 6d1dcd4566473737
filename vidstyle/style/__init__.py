"""Feature networks, losses, the optimiser, and one frame's solve."""
