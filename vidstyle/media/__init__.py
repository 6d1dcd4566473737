"""What is in a file, frames out of it, frames into it."""
