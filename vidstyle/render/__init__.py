"""Plan, job folder, shots, assembly: the recurrence from frame to frame, and all that survives a crash."""
