"""A job painted shot by shot, resumed where it stopped, redone in part, and assembled."""
