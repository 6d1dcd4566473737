"""The report: a page that needs no network."""
