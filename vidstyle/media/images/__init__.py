"""Picture files, one or many: read, written, numbered."""
