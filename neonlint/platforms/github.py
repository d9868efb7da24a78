"""What GitHub workflows say about connections: the outputs of Neon's action for branches.

`neondatabase/create-branch-action` gives `db_url` (direct) and, pooled, `db_url_with_pooler` (to v5) or
`db_url_pooled` (v6).
"""

from __future__ import annotations

from neonlint.ir.source import hole
from neonlint.regex import regex

_OUTPUT = regex(r"^\$\{\{\s*steps\.[\w-]+\.outputs\.(?P<name>db_url(?:_with_pooler|_pooled)?)\s*\}\}$")
_URL = f"postgresql://{hole(0)}:{hole(0)}@{{label}}.{hole(0)}.aws.neon.tech/{hole(0)}?{hole(0)}"


def branch_url(expression: str) -> str | None:
    """The form of the URL that a workflow expression stands for, with holes for what it hides; None for other
    expressions."""
    match = _OUTPUT.match(expression.strip().strip("\"'"))
    if match is None:
        return None
    return _URL.format(label="ep-branch" if match["name"] == "db_url" else "ep-branch-pooler")
