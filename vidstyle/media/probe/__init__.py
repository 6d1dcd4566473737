"""What is in a clip: looked up once, before anything is painted."""
