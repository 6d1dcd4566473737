"""``--page``: a page that shows what is being painted."""
