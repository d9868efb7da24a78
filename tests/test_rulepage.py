"""Pages of rules in each form, and what is generated from rules and facts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from neonlint.facts.answer import FactSpec
from neonlint.pages import main
from neonlint.records import replace
from neonlint.rulebook import Details, Example, Expected, Rule, RuleFix, Vocabulary
from neonlint.rulepage import as_json, as_markdown, as_text, facts_page, family, rules_page
from neonlint.targets import MODULES
from neonlint.when import ALWAYS

WORDS = Vocabulary(
    {
        "connection": {
            "host": FactSpec("host", "str", "The host, in\n lower case | or not.", lambda: None, optional=True),
            "role": FactSpec("role", "enum", "What it is for.", lambda: None, ("runtime", "migration")),
        }
    }
)
FIX = RuleFix(
    "Use the pooled endpoint", "unsafe", set={"endpoint.pooled": True, "host": "x"}, unset=("port",), note="Mind."
)
RULE = Rule(
    code="NL302",
    name="direct-host",
    summary="Serverless code connects | directly",
    subject="connection",
    severity="warning",
    when=ALWAYS,
    at="host",
    message="`{name}` is direct",
    url="https://neon.com/docs",
    file="rules/NL302-direct-host.toml",
    because=("role",),
    fixes=(RuleFix("Name it", "safe", ["is", ["fact", "host"], ["lit", None]], {"host": "y"}), FIX),
    advice="ask for another",
    redirects=("NL399",),
)
DETAILS = Details(
    rationale="It runs out\nof connections.",
    references=("https://neon.com/docs", "https://www.postgresql.org/docs/"),
    when='host is None or\nrole == "runtime"',
    examples=(
        Example(
            bad={".env": "A=```\x1b[2J\n", "b.py": "x = 1\n"},
            good={".env": "A=2\n", "b.py": "x = 1\n"},
            title="a project",
            fix="unsafe",
            finding=Expected(".env", "A"),
        ),
        Example(ok={"b.py": "x = 2\r\n"}),
    ),
)

TEXT = """\
NL302 direct-host
Serverless code connects | directly

warning, connection, Endpoint choice

Why
  It runs out
  of connections.

Example: a project
  Bad:
    .env
      A=```\\x1b[2J
    b.py
      x = 1
  Good (with `--unsafe-fixes`):
    .env
      A=2

Fix
  The first whose condition holds is made.
  Safe: Name it.
    if host is None:
        set host = "y"
  Unsafe (needs `--unsafe-fixes`): Use the pooled endpoint.
    set endpoint.pooled = true
    set host = "x"
    unset port
  Mind.

Help
  Ask for another.

Allow it
    # neonlint: ignore[NL302] reason

When
    host is None or
    role == "runtime"
  A finding always shows: role.

Example
  Fine as it is:
    b.py
      x = 2\\r

Former names
  NL399

References
  - https://neon.com/docs
  - https://www.postgresql.org/docs/
"""


def test_text() -> None:
    assert as_text(RULE, DETAILS) == TEXT


def test_markdown() -> None:
    page = as_markdown(RULE, DETAILS)
    assert page.startswith("# NL302 direct-host\n")
    for part in (
        "# NL302 direct-host\n\nServerless code connects | directly.\n",
        '```python\nhost is None or\nrole == "runtime"\n```',
        "`.env`\n\n````dotenv\nA=```\\x1b[2J\n````\n",
        "`b.py`\n\n```python\nx = 1\n```\n",
        "```\nset endpoint.pooled = true\nset host",
        "```\n# neonlint: ignore[NL302] reason\n```",
        "- <https://neon.com/docs>\n- <https://www.postgresql.org/docs/>\n",
    ):
        assert part in page


def test_a_rule_without_condition_fix_or_example() -> None:
    page = as_text(replace(RULE, fixes=()), DETAILS._replace(when="True", examples=()))
    assert "Fix\n  None is made: only you know what is right here.\n" in page
    assert "When" not in page
    assert "Example" not in page


def test_a_comment_that_suppresses_is_repaired_without_a_patch() -> None:
    rule = replace(RULE, subject="suppression", fixes=())
    assert "Fix\n  Safe: Take it out of the comment" in as_text(rule, DETAILS)
    assert rules_page([rule]).endswith("| safe |\n")


def test_json() -> None:
    page = as_json(RULE, DETAILS)
    assert json.loads(json.dumps(page)) == page
    assert page["fixes"] == [
        {"title": "Name it", "safety": "safe", "when": "host is None", "set": {"host": "y"}, "unset": [], "note": ""},
        {
            "title": "Use the pooled endpoint",
            "safety": "unsafe",
            "when": None,
            "set": {"endpoint.pooled": True, "host": "x"},
            "unset": ["port"],
            "note": "Mind.",
        },
    ]
    assert page["allow"] == "# neonlint: ignore[NL302] reason"
    assert page["family"] == "Endpoint choice"


def test_no_control_character_is_printed() -> None:
    for page in (as_text(RULE, DETAILS), as_markdown(RULE, DETAILS)):
        assert all(char.isprintable() or char == "\n" for char in page)


def test_family() -> None:
    assert family("NL101") == "TLS and server identity"
    assert family("ACME001") == "Own policies"


def test_rules_page() -> None:
    page = rules_page([RULE])
    assert "## Endpoint choice\n\n| rule | | severity | fix |" in page
    assert (
        "| [NL302 direct-host](NL302.md) | Serverless code connects \\| directly | warning | safe, unsafe |\n" in page
    )
    assert "Hygiene" not in page


def test_facts_page() -> None:
    page = facts_page(WORDS)
    assert "| `host` | str or `None` | The host, in lower case \\| or not. |\n" in page
    assert '| `role` | `"runtime"` `"migration"` | What it is for. |\n' in page
    assert "`at`: `key`, `params.*`\n\n`set`, `unset`: nothing\n" in facts_page(
        Vocabulary(WORDS.facts, {"connection": ("key", "params.*")})
    )


RULE_FILE = """
code = "NL302"
name = "direct-host"
summary = "Serverless code connects directly"
subject = "connection"
severity = "warning"
when = 'role == "runtime"'
at = "host"
message = "{name} is direct"
rationale = "It runs out of connections."
references = ["https://neon.com/docs"]
[[example]]
bad = { ".env" = "A=1" }
[[example]]
ok = { ".env" = "A=2" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "NL302-direct-host.toml").write_text(RULE_FILE, encoding="utf-8")
    return tmp_path / "rules"


def run(folder: Path, action: str) -> int:
    return main([action], folder=folder, vocabulary=WORDS)


def test_write_then_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    everything = [
        "docs/facts.md",
        "docs/rules/NL302.md",
        "docs/rules/README.md",
        "docs/settings.md",
        "docs/targets/README.md",
        *sorted(f"docs/targets/{name}.md" for name in MODULES),
        "rules/index.json",
        "rules/schema.json",
    ]
    assert run(folder, "--check") == 1
    assert capsys.readouterr().out.splitlines() == [f"{path}: differs; run --write" for path in everything]
    assert run(folder, "--write") == 0
    assert capsys.readouterr().out.splitlines() == [f"{path}: written" for path in everything]
    assert run(folder, "--check") == 0
    assert run(folder, "--write") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("path", ["docs/facts.md", "docs/rules/NL302.md", "rules/index.json", "rules/schema.json"])
def test_check_sees_each_difference(folder: Path, path: str) -> None:
    run(folder, "--write")
    with (folder.parent / path).open("a", encoding="utf-8") as file:
        file.write(" ")
    assert run(folder, "--check") == 1
    assert run(folder, "--write") == 0
    assert run(folder, "--check") == 0


def test_pages_of_former_rules_go(folder: Path) -> None:
    run(folder, "--write")
    pages = folder.parent / "docs" / "rules"
    (pages / "NL999.md").write_text("<!-- Made by us -->", encoding="utf-8")
    (pages / "notes.md").write_text("x", encoding="utf-8")
    assert run(folder, "--check") == 1
    assert run(folder, "--write") == 0
    assert sorted(path.name for path in pages.iterdir()) == ["NL302.md", "README.md", "notes.md"]


def test_a_wrong_rule_is_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "NL302-direct-host.toml").write_text(RULE_FILE.replace("role", "roll"), encoding="utf-8")
    assert run(folder, "--check") == 2
    assert capsys.readouterr().err == (
        "rules/NL302-direct-host.toml: when, column 1: "
        'unknown fact "roll" for subject connection; did you mean "role"?\n'
    )


def test_an_installed_copy_is_not_written(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import neonlint.pages as module  # noqa: PLC0415

    monkeypatch.setattr(module, "rules_folder", lambda: Path(module.__file__).parent / "rules")
    assert main(["--write"], vocabulary=WORDS) == 2
    assert "an installed copy; run this in a checkout" in capsys.readouterr().err
