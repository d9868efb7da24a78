"""Class bodies as tables, and pydantic-settings classes, whose fields are read from the environment.

Names follow https://docs.pydantic.dev/latest/concepts/pydantic_settings/: prefix and field name, an alias without the
prefix, in capitals because look-up ignores case unless `case_sensitive` says otherwise. Pydantic 1's `Config` and
`Field(env=…)` too.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from neonlint.formats.python_names import UNKNOWN
from neonlint.formats.python_scopes import Scope, dotted
from neonlint.ir.source import Entry, EnvRef, Span, Table, Value
from neonlint.records import dataclass

if TYPE_CHECKING:
    from neonlint.formats.python_values import Values

_DEEPEST = 20
_CONFIG = frozenset({"model_config", "Config"})
_OUTSIDE = frozenset({"object", "abc.ABC", "ABC"})


@dataclass(frozen=True, slots=True)
class _Settings:
    """What a settings class says about the names of its variables."""

    prefix: str = ""
    case_sensitive: bool = False


def class_table(values: Values, node: ast.ClassDef) -> Table:
    """The assignments of a class body; `complete` is False where a base class may add more."""
    scope = values.survey.classes[node]
    found = _settings(values, node, 0)
    entries: list[Entry] = []
    for statement in node.body:
        entries += _entries(values, statement, scope, found)
    known = all(values.names.path(base, scope) in _OUTSIDE for base in node.bases) or found is not None
    return Table("class", tuple(entries), values.source.span(node), known and not node.keywords, node.name)


def _entries(values: Values, node: ast.stmt, scope: Scope, found: _Settings | None) -> list[Entry]:
    if isinstance(node, ast.ClassDef):
        return [class_entry(values, node)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        target, value = node.target, node.value
    elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        target, value = node.targets[0], node.value
    else:
        return []
    span = values.source.span(node)
    if found is not None and _is_field(target.id, node):
        read: Value = _field(values, target.id, value, scope, found=found, span=span)
    elif value is None:
        return []
    else:
        read = values.value(value, scope)
    return [Entry(target.id, values.source.span(target), read, span)]


def class_entry(values: Values, node: ast.ClassDef) -> Entry:
    """A class as an entry of what it stands in; the key's span is its name."""
    span = values.source.span(node)
    at = values.source.utf8.find(node.name.encode(), values.source.bounds(node)[0] + len("class"))
    return Entry(node.name, values.source.file_span(at, at + len(node.name.encode())), class_table(values, node), span)


def _is_field(name: str, node: ast.AnnAssign | ast.Assign) -> bool:
    annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
    outer = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return name not in _CONFIG and not name.startswith("_") and (outer is None or dotted(outer) not in _CLASS_VARS)


_CLASS_VARS = frozenset({"ClassVar", "typing.ClassVar", "t.ClassVar"})


def _field(values: Values, name: str, value: ast.expr | None, scope: Scope, *, found: _Settings, span: Span) -> EnvRef:
    variable, default = found.prefix + name, value
    if isinstance(value, ast.Call) and values.names.path(value.func, scope).rpartition(".")[2] == "Field":
        keywords = {keyword.arg: keyword.value for keyword in value.keywords}
        default = value.args[0] if value.args else keywords.get("default")
        for option in ("validation_alias", "alias", "env"):
            if (alias := _alias(keywords.get(option))) is not None:
                variable = alias
                break
    missing = default is None or (isinstance(default, ast.Constant) and default.value in (None, ...))
    shown = variable if found.case_sensitive else variable.upper()
    place = values.source.span(value) if value is not None else span
    return EnvRef(shown, place, None if missing or default is None else values.value(default, scope))


def _alias(node: ast.expr | None) -> str | None:
    """A literal alias, or the first of `AliasChoices(…)` or a list."""
    if isinstance(node, ast.Call) and node.args:
        node = node.args[0]
    elif isinstance(node, (ast.List, ast.Tuple)) and node.elts:
        node = node.elts[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _settings(values: Values, node: ast.ClassDef, depth: int) -> _Settings | None:
    """How a class reads the environment, or None for a class that does not."""
    scope = values.survey.classes[node]
    for base in node.bases:
        inherited = _from_base(values, base, scope, depth)
        if inherited is not None:
            return _own(node, inherited)
    return None


def _from_base(values: Values, base: ast.expr, scope: Scope, depth: int) -> _Settings | None:
    if isinstance(base, ast.Name) and (local := _local(values, scope, base.id)) is not None:
        inside = local is not scope.node and depth < _DEEPEST
        return _settings(values, local, depth + 1) if inside else None
    path = values.names.path(base, scope)
    return _Settings() if path.endswith("Settings") and UNKNOWN not in path else None


def _local(values: Values, scope: Scope, name: str) -> ast.ClassDef | None:
    bindings = scope.find(name)
    return values.names.local_class(bindings) if bindings else None


def _own(node: ast.ClassDef, inherited: _Settings) -> _Settings:
    """What `model_config = SettingsConfigDict(…)`, a dict display or a nested `Config` class changes."""
    options: dict[str, ast.expr] = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="model_config")], value=value):
                options.update(_options(value))
            case ast.AnnAssign(target=ast.Name(id="model_config"), value=ast.expr() as value):
                options.update(_options(value))
            case ast.ClassDef(name="Config", body=body):
                options.update(
                    (inner.targets[0].id, inner.value)
                    for inner in body
                    if isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Name)
                )
    prefix, case = options.get("env_prefix"), options.get("case_sensitive")
    return _Settings(
        prefix.value if isinstance(prefix, ast.Constant) and isinstance(prefix.value, str) else inherited.prefix,
        case.value if isinstance(case, ast.Constant) and isinstance(case.value, bool) else inherited.case_sensitive,
    )


def _options(node: ast.expr) -> dict[str, ast.expr]:
    if isinstance(node, ast.Call):
        return {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {
            key.value: value for key, value in pairs if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
    return {}


def attribute(values: Values, node: ast.Attribute, scope: Scope) -> Entry | None:
    """The field that `settings.x` means where `settings` is an instance of a class of this file, or that class."""
    path = values.names.path(node.value, scope).removesuffix("()")
    if not path.isidentifier():
        return None
    local = _local(values, values.survey.module, path)
    return class_table(values, local).entry(node.attr) if local else None
