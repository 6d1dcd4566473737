"""The page that looks are compared in."""
