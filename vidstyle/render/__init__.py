"""Plan, job folder, shots, assembly: the recurrence from frame to frame and everything that survives a crash."""
