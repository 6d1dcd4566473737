"""Jobs: the plan, the job folder, its leases and what is told of it. Nothing here paints, and torch is never loaded."""
