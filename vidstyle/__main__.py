"""``python -m vidstyle``."""

from vidstyle.cli import main

if __name__ == "__main__":
    main()
