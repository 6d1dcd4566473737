"""Pages that any browser opens from the disk: they need no network and no server."""
