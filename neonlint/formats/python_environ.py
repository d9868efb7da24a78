"""Reads of the environment in Python: `os.environ`, `os.getenv`, decouple, starlette, environs, django-environ,
python-dotenv.

Knows which calls read it and where their default stands; knows no variable names.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from neonlint.formats.python_scopes import Scope
from neonlint.ir.source import EnvRef, Scalar, Span, Unknown, Value

if TYPE_CHECKING:
    from neonlint.formats.python_values import Values

#: What a call is named that takes a variable's name and, second or as `default`, what to use instead.
_READERS = frozenset(
    {
        "os.environ.get",
        "os.environ.pop",
        "os.environ.setdefault",
        "os.environ.__getitem__",
        "os.getenv",
        "decouple.config",
        "decouple.AutoConfig()",
        "decouple.Config()",
        "starlette.config.Config()",
        "starlette.config.Config().get",
        "environs.Env()",
        "environs.Env().str",
        "environs.env",
        "environs.env.str",
        "environ.Env()",
        "environ.Env().str",
        "environ.FileAwareEnv()",
        "environ.FileAwareEnv().str",
        "dotenv.dotenv_values().get",
        "dotenv.main.dotenv_values().get",
        "streamlit.secrets.get",
    }
)
#: Helpers by these last names are taken for readers of the environment where they are given a name in capitals.
_HELPERS = frozenset(
    [
        "env",
        "config",
        "getenv",
        "get_env",
        "get_env_var",
        "get_env_variable",
        "get_env_value",
        "get_env_setting",
        "env_var",
        "require_env",
    ]
)
_MAPPINGS = frozenset(
    {
        "os.environ",
        "os.environb",
        "dotenv.dotenv_values()",
        "dotenv.main.dotenv_values()",
        "streamlit.secrets",  # its top level is in the environment too
    }
)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*\Z")


def call(values: Values, node: ast.Call, scope: Scope) -> EnvRef | None:
    """The variable that a call reads, or None for any other call."""
    first = node.args[0] if node.args else None
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return None
    callee = values.names.path(node.func, scope)
    if callee not in _READERS and not _is_helper(callee, first.value):
        return None
    default = node.args[1] if len(node.args) > 1 else _keyword(node, "default", "fallback")
    return EnvRef(first.value, values.source.span(node), _default(values, default, scope))


def _is_helper(callee: str, name: str) -> bool:
    parts = callee.split(".")
    last = parts[-2] if parts[-1] == "str" and len(parts) > 1 else parts[-1]
    return last in _HELPERS and "(" not in callee and _VARIABLE.match(name) is not None


def _keyword(node: ast.Call, *names: str) -> ast.expr | None:
    return next((keyword.value for keyword in node.keywords if keyword.arg in names), None)


def _default(values: Values, node: ast.expr | None, scope: Scope) -> Value | None:
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return None
    return values.value(node, scope)


def item(values: Values, node: ast.Subscript, key: str, scope: Scope) -> EnvRef | None:
    """The variable that `os.environ["X"]` reads, or None for any other subscript."""
    outer = node.value
    while isinstance(outer, ast.Subscript) and _VARIABLE.match(key):  # `st.secrets["connections"]["SHOP_URL"]`
        outer = outer.value
    found = values.names.path(outer, scope)
    if found not in _MAPPINGS or (outer is not node.value and found != "streamlit.secrets"):
        return None
    return EnvRef(key, values.source.span(node))


def first_of(options: Sequence[Value], span: Span) -> Value:
    """`a or b or …`: a variable whose default is what follows it; unknown where the first option may be anything
    else.
    """
    first = options[0]
    if isinstance(first, Scalar) and first.value and isinstance(first.value, str):
        return first
    if isinstance(first, Scalar) and not first.value and len(options) > 1:
        return options[1] if len(options) == 2 else first_of_rest(options[1:], span)
    if not isinstance(first, EnvRef):
        return Unknown("depends on a condition", span)
    if _is_real(first.default):
        return first
    return EnvRef(first.name, span, first_of_rest(options[1:], span), first.transformed)


def first_of_rest(options: Sequence[Value], span: Span) -> Value:
    """The remaining options of an `or` as one value."""
    result = options[-1]
    for option in reversed(options[:-1]):
        if not isinstance(option, EnvRef):
            return Unknown("depends on a condition", span)
        result = option if _is_real(option.default) else EnvRef(option.name, option.span, result, option.transformed)
    return result


def _is_real(default: Value | None) -> bool:
    """Whether a default is there and not empty, so that nothing behind an `or` is ever used."""
    return default is not None and not (isinstance(default, Scalar) and not default.value)
