"""The structure that ARCHITECTURE.md draws, read off the imports."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "neonlint"

#: Layer by module prefix, lowest first; a module may import its own layer and lower ones. Longest prefix wins.
LAYERS: dict[str, int] = {
    "neonlint.errors": 0,
    "neonlint.regex": 0,
    "neonlint.records": 0,
    "neonlint.words": 0,
    "neonlint.ir": 0,
    "neonlint.edits": 0,
    "neonlint.barrier": 0,
    "neonlint.sizing": 1,
    "neonlint.dialects": 1,
    "neonlint.clients": 2,
    "neonlint.platforms": 2,
    "neonlint.formats": 2,
    "neonlint.manifests": 2,
    "neonlint.config": 2,  # and config_*
    "neonlint.extract": 3,  # and extract_*
    "neonlint.link": 4,  # and link_*
    "neonlint.facts": 5,
    "neonlint.when": 5,
    "neonlint.rulebook": 6,
    "neonlint.rulepage": 6,
    "neonlint.explain": 6,  # and explain_*
    "neonlint.suppress": 6,
    "neonlint.places": 6,
    "neonlint.judge": 7,
    "neonlint.repair": 8,
    "neonlint.discover": 8,
    "neonlint.write": 8,
    "neonlint.report": 8,
    "neonlint.fingerprint": 8,
    "neonlint.baseline": 9,
    "neonlint.ignore_comments": 9,
    "neonlint.engine": 9,
    "neonlint.means": 0,
    "neonlint.cache": 9,  # and cache_directory
    "neonlint.session": 10,
    "neonlint.rule_laws": 10,
    "neonlint.trace": 10,
    "neonlint.explain_project": 10,
    "neonlint.inventory": 10,  # and inventory_*
    "neonlint.targets": 8,
    "neonlint.generate": 10,
    "neonlint.targetpage": 11,
    "neonlint.pages": 11,
    "neonlint.init": 10,
    "neonlint.pool": 10,
    "neonlint.api": 11,
    "neonlint.server": 11,  # and server_*
    "neonlint.cli": 11,
    "neonlint.__main__": 12,
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer(module: str) -> int | None:
    found = [prefix for prefix in LAYERS if module == prefix or module.startswith((prefix + ".", prefix + "_"))]
    return LAYERS[max(found, key=len)] if found else None


def imports_of(path: Path) -> list[str]:
    """The modules a file imports at run time; imports under `TYPE_CHECKING` are for readers and do not count."""
    found = []
    tree = ast.parse(path.read_text())
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in found if name.startswith("neonlint.")]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=module_name)
def test_imports_point_one_way(path: Path) -> None:
    here = layer(module_name(path))
    if module_name(path) == "neonlint":
        return
    assert here is not None, f"{module_name(path)} has no layer in this test"
    upward = [name for name in imports_of(path) if (there := layer(name)) is not None and there > here]
    assert not upward, f"{module_name(path)} must not import {upward}"


def test_formats_know_no_dialect_and_dialects_no_format() -> None:
    for path in (PACKAGE / "formats").glob("*.py"):
        assert not [
            n for n in imports_of(path) if n.startswith(("neonlint.dialects", "neonlint.clients", "neonlint.facts"))
        ], path
    for path in (PACKAGE / "dialects").glob("*.py"):
        assert not [n for n in imports_of(path) if n.startswith(("neonlint.formats", "neonlint.clients"))], path


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_that_the_documents_name_exists(name: str) -> None:
    text = (ROOT / name).read_text()
    named = set(re.findall(r"`((?:neonlint|rules|tests|docs|examples|benchmarks)/[\w./-]*)`", text))
    patterns = ("nnn", "NAME")
    missing = [path for path in sorted(named) if not any(p in path for p in patterns) and not (ROOT / path).exists()]
    assert not missing
