"""The result: checked beforehand, written, verified, renamed."""
