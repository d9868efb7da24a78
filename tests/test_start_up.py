"""What a run on one dotenv file must not pay for, and that the short cuts of a long run leave nothing out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from neonlint.facts import catalogue
from neonlint.regex import regex

_RUN = """
import io, sys
from neonlint import cli
sys.stdout = io.StringIO()
cli.main(["check", "--exit-zero", ".env"])
print(*sorted(sys.modules), file=sys.stderr)
"""
_SLOW = (
    *(
        "pydantic",
        "yaml",
        "libcst",
        "tree_sitter",
        "pathspec",
        "tomllib",
        "hashlib",
        "shutil",
        "difflib",
        "stringzilla",
    ),
    *("neonlint.clients", "neonlint.manifests", "neonlint.suppress", "neonlint.repair_client", "neonlint.when_reader"),
    *("neonlint.facts.client", "neonlint.facts.pools", "neonlint.facts.statement", "neonlint.facts.log"),
)


def test_a_run_on_one_dotenv_file_imports_little(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "DATABASE_URL=postgresql://app:pw@ep-cool-rain-12345678.us-east-2.aws.neon.tech/db\n"
    )
    done = subprocess.run([sys.executable, "-c", _RUN], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "neonlint.facts.connection" in done.stderr.split()
    assert not set(_SLOW) & set(done.stderr.split())


def test_the_catalogue_is_whole() -> None:
    assert set(catalogue.FACTS) == {
        "connection",
        "client",
        "statement",
        "log",
        "dependency",
        "command",
        "setting",
        "suppression",
        "file",
    }
    assert all(name == spec.name for subject in catalogue.FACTS.values() for name, spec in subject.items())
    assert b"endpoint.pooled" in catalogue.source()


def test_a_pattern_is_what_re_would_compile() -> None:
    pattern = regex(r"(?P<word>[a-z]+)", 0)
    assert pattern.pattern == r"(?P<word>[a-z]+)"
    assert [match["word"] for match in pattern.finditer("one two")] == ["one", "two"]
