"""What the documents say of the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("ARCHITECTURE.md", "CONTRIBUTING.md", "README.md")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_and_names_that_are_pointed_at_exist(document: str) -> None:
    """A pointer is `file.py`, `file.py:name` or `file.py:Class.name`, in the package or in the checkout."""
    text = (ROOT / document).read_text(encoding="utf-8")
    pointers = re.findall(r"`((?:[\w.]+/)*[\w.]+\.py)(?::([\w.]+))?`", text)
    folders = re.findall(r"`((?:[\w.]+/)+)`", text)
    absent = [name for name in folders if not any((base / name).is_dir() for base in (ROOT, ROOT / "vidstyle"))]
    for path, name in pointers:
        found = [base / path for base in (ROOT, ROOT / "vidstyle") if (base / path).is_file()]
        if not found or (name and name not in _defined(found[0])):
            absent.append(f"{path}:{name}")
    assert absent == []


@pytest.mark.parametrize(
    "document",
    [
        *DOCUMENTS,
        *(f"docs/{name}.md" for name in ("benchmarks", "directing", "farm", "files", "look", "measures", "studio")),
        "docs/painting-keys.md",
    ],
)
def test_links_lead_somewhere(document: str) -> None:
    path = ROOT / document
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def _defined(path: Path) -> set[str]:
    """The names that a module has at its top, and Class.name of what its classes define."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    inside = ((node.name, _names(node.body)) for node in body if isinstance(node, ast.ClassDef))
    return _names(body) | {f"{outer}.{name}" for outer, names in inside for name in names}


def _names(body: list[ast.stmt]) -> set[str]:
    names: set[str] = set()
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return names
