"""Submit a job folder to an engine, and tell what is done of it."""
