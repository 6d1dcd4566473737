"""``python -m vidstyle``."""

from vidstyle.cli import program

if __name__ == "__main__":
    program()
