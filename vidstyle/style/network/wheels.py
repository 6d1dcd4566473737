"""Networks that come in the wheels of other packages, found without importing these: an import runs their programs."""

import hashlib
import importlib.metadata
import re
from pathlib import Path


def wheel_file(package: str, pattern: str) -> Path | None:
    """The file of an installed package whose name has that pattern in it; None where there is none."""
    try:
        files = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    paths = (Path(str(file.locate())) for file in files if re.search(pattern, file.name))
    return next((path for path in paths if path.is_file()), None)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
