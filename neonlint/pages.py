"""Every file that is made from the rules, the facts, the settings, the explanations and the targets: the index, the
schemas, the documentation. Run as `python -m neonlint.pages --write` or `--check`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from neonlint import config_page, config_schema, config_values
from neonlint.errors import NeonlintError, UsageError
from neonlint.explain_models import read_checked
from neonlint.explain_page import errors_page
from neonlint.rulebook import INDEX_NAME, Details, Rule, Rulebook, Vocabulary, index_text, read_folder
from neonlint.rulebook_files import rules_folder
from neonlint.rulebook_models import json_schema
from neonlint.rulepage import GENERATED, as_markdown, facts_page, rules_page
from neonlint.targetpage import target_pages

#: What each page that is made here begins with; others are somebody's own.
_MADE = b"<!-- Made by "
#: Where to go from the page of a rule.
_ONWARD = (
    "\n---\n\n[All rules](README.md) · [Allow a finding](../suppressions.md) · [What a condition asks](../facts.md)\n"
)


def generated(folder: Path, vocabulary: Vocabulary) -> dict[Path, str]:
    """Every file that is made from the rules in `folder` and the facts, with the text that it should have."""
    whole = read_folder(folder, vocabulary)
    rules = Rulebook(rule for rule, _ in whole).rules
    docs = folder.parent / "docs"
    return {
        folder / INDEX_NAME: index_text(folder, rules, vocabulary),
        folder / "schema.json": json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n",
        docs / "facts.md": facts_page(vocabulary),
        docs / "settings.md": "\n".join([*config_page.as_markdown(), ""]),
        config_values.SCHEMA: json.dumps(config_schema.json_schema(), indent=2, ensure_ascii=False) + "\n",
        docs / "rules" / "README.md": rules_page(rules),
        **_errors_page(folder.parent, rules),
        **target_pages(docs / "targets"),
        **{docs / "rules" / f"{rule.code}.md": _rule_page(rule, details) for rule, details in whole},
    }


def _rule_page(rule: Rule, details: Details) -> str:
    return f"{GENERATED}\n\n{as_markdown(rule, details)}{_ONWARD}"


def _errors_page(home: Path, rules: Iterable[Rule]) -> dict[Path, str]:
    """The page about connection errors, where the catalogue lies beside the rules."""
    catalogue, names = home / "explanations", {rule.code: rule.name for rule in rules}
    if not catalogue.is_dir():
        return {}
    return {home / "docs" / "errors.md": errors_page(read_checked(catalogue, names), names)}


def outdated(files: Mapping[Path, str], docs: Path) -> list[Path]:
    """The paths whose file is not as in `files`, and the pages made for rules and targets that are no more."""
    wrong = [path for path, text in files.items() if not path.is_file() or path.read_bytes() != text.encode()]
    pages = [*(docs / "rules").glob("*.md"), *(docs / "targets").glob("*.md")]
    return sorted([*wrong, *(path for path in pages if path not in files and path.read_bytes().startswith(_MADE))])


def write(files: Mapping[Path, str], paths: Iterable[Path]) -> None:
    """Make each of `paths` as in `files`; take away those that are not in there."""
    for path in paths:
        if path in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[path].encode())
        else:
            path.unlink()


def main(argv: Sequence[str], *, folder: Path | None = None, vocabulary: Vocabulary | None = None) -> int:
    """`python -m neonlint.pages`: 0 if all is up to date now, 1 if `--check` found a difference, 2 for an error."""
    parser = argparse.ArgumentParser(
        prog="python -m neonlint.pages", description="Make what is made from rules, facts, explanations and targets."
    )
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write the index, the schema and the documentation")
    action.add_argument("--check", action="store_true", help="exit 1 if --write would change a file")
    options = parser.parse_args(argv)
    try:
        return _update(folder or _checkout(), vocabulary or Vocabulary.of_catalogue(), check=options.check)
    except NeonlintError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _update(folder: Path, vocabulary: Vocabulary, *, check: bool) -> int:
    first = [] if check else _index(folder, vocabulary)
    files = generated(folder, vocabulary)
    paths = outdated(files, folder.parent / "docs")
    if not check:
        write(files, paths)
    for path in sorted((*first, *paths)):
        sys.stdout.write(f"{path.relative_to(folder.parent)}: {'differs; run --write' if check else 'written'}\n")
    return 1 if check and paths else 0


def _index(folder: Path, vocabulary: Vocabulary) -> list[Path]:
    """Write the index if it is not up to date: the targets are judged many times, and without it that takes long."""
    rules = Rulebook(rule for rule, _ in read_folder(folder, vocabulary)).rules
    path, text = folder / INDEX_NAME, index_text(folder, rules, vocabulary).encode()
    if path.is_file() and path.read_bytes() == text:
        return []
    path.write_bytes(text)
    return [path]


def _checkout() -> Path:
    folder = rules_folder()
    if folder.parent == Path(__file__).parent:
        raise UsageError(f"{folder}: an installed copy; run this in a checkout")
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
