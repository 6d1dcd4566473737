"""The job folder: job.json, frames and their records, leases, and what may be deleted in it."""
