"""What a comment looks like at a place of a file: by its format, its suffix, or the fence of a Markdown file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from typing import TypeAlias

from neonlint.ir.source import Document
from neonlint.regex import regex

#: The two ends of a comment.
Syntax: TypeAlias = tuple[str, str]

_HASH, _SLASHES, _DASHES, _MARKUP = ("# ", ""), ("// ", ""), ("-- ", ""), ("<!-- ", " -->")
_HASHES = ("dotenv", "yaml", "toml", "ini", "python", "shell", "dockerfile", "makefile", "procfile", "pgpass")
#: What comments look like in files that are read as text, by suffix; those of other files are not known. With the other
#: names that languages have at a Markdown fence.
_OF_TEXT = {
    _HASH: "rb pl pm tf tfvars hcl conf cfg properties r jl nix ex exs cr txt sample ps1 tcl yml yaml toml py sh env "
    "bash shell zsh dotenv python ruby ini dockerfile terraform",
    _SLASHES: "go java kt kts rs cs swift scala groovy gradle dart c cc cpp h hpp php zig js ts prisma "
    "jsx tsx javascript typescript jsonc rust kotlin csharp",
    _DASHES: "sql lua hs elm",
    _MARKUP: "html htm xml csproj config",
}
_BY_SUFFIX = {suffix: syntax for syntax, suffixes in _OF_TEXT.items() for suffix in suffixes.split()}
_MARKDOWN = frozenset({"md", "mdx", "markdown"})
_FENCE = regex(r"^ {0,3}(?:```+|~~~+)[ \t]*([\w-]*)", re.MULTILINE)
#: What is put behind the name of a file that is to be copied.
_OF_A_TEMPLATE = regex(r"\.(?:example|sample|template|tmpl|tpl|dist|default)$")
#: JSON whose readers take comments.
_WITH_COMMENTS = regex(r"(?:^|/)(?:[^/]+\.(?:jsonc|json5|code-workspace)|[tj]sconfig[^/]*\.json|devcontainer\.json)$")
_COMPONENT = (".vue", ".svelte", ".astro")
_HEREDOC = regex(r"<<[-~]?[ \t]*[\"']?([A-Za-z_]\w*)")


def syntaxes(document: Document, start: int) -> Sequence[Syntax]:
    """How a comment may be written about the line that begins at byte `start`, the usual way first; none where it would
    not be one, or nobody knows."""
    if document.format in _HASHES:
        return (_HASH,)
    if document.format == "javascript":
        markup = [_MARKUP] if document.path.endswith(_COMPONENT) else []
        return (_SLASHES, ("{/* ", " */}"), ("/* ", " */"), *markup)
    if document.format == "prisma":
        return (_SLASHES,)
    if document.format == "json":
        return (_SLASHES,) if document.comments or _WITH_COMMENTS.search(document.path) else ()
    known = _of_text(document, start)
    return (known,) if known else ()


def _of_text(document: Document, start: int) -> Syntax | None:
    path = document.path.lower()
    suffix = _suffix(_OF_A_TEMPLATE.sub("", path)) or _suffix(path)
    before, after = document.data[:start].decode(), document.data[start:].decode()
    if suffix in _MARKDOWN:
        fences = _FENCE.findall(before)
        return _BY_SUFFIX.get(fences[-1].lower()) if len(fences) % 2 else _MARKUP
    known = _BY_SUFFIX.get(suffix)
    return None if known != _MARKUP and _in_string(before, after, suffix) else known


def _in_string(before: str, after: str, suffix: str) -> bool:
    """Whether a line may stand in a string that began on an earlier one: an odd number of quotes is in front of it and
    one behind, or a here-document is open. Says it of too many lines rather than of too few."""
    quotes = "\"`'" if suffix == "sql" else '"`'
    if any(before.count(quote) % 2 and quote in after for quote in quotes):
        return True
    begun = list(_HEREDOC.finditer(before))
    if not begun:
        return False
    end = re.compile(rf"^[ \t]*{begun[-1][1]}[ \t]*\r?$", re.MULTILINE)
    return end.search(before, begun[-1].end()) is None and end.search(after) is not None


def _suffix(path: str) -> str:
    return posixpath.splitext(path)[1].removeprefix(".")
