"""Where shots begin, and what each has of its own: its light and its bars."""
