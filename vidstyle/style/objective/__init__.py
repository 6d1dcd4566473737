"""What a good frame is: losses, their targets, and their sum."""
