"""Submit a job folder to an engine."""
