"""The studio's page, in NiceGUI's elements: a part of it in each file."""
