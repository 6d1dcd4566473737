"""What the numbers in a file mean as light and colour."""
