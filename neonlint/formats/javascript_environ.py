"""Reads of the environment in JavaScript: `process.env`, `import.meta.env`, Deno, Bun, Workers' bindings, SvelteKit,
Astro, Nest, env-var.

Knows where the environment stands and which calls read it; knows no variable names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from neonlint.formats.javascript_scopes import Binding, Scope, parts, unwrapped
from neonlint.formats.javascript_source import span
from neonlint.ir.source import Call, EnvRef, Items, Ref, Scalar, Span, Table, Unknown, Value
from neonlint.regex import regex

if TYPE_CHECKING:
    from neonlint.formats.javascript_values import Values

_BASES = frozenset(
    {
        *("process.env", "globalThis.process.env", "global.process.env", "window.process.env"),
        *("import.meta.env", "Bun.env", "bun.env", "std-env.env", "Deno.env.toObject()", "Netlify.env.toObject()"),
        *("cloudflare:workers.env", "hono/adapter.env()", "vite.loadEnv()", "vinxi.loadEnv()"),
        *("$env/dynamic/private.env", "$env/dynamic/public.env", "$env/static/private", "$env/static/public"),
        *("astro:env/server", "astro:env/client", "dotenv.config().parsed", "dotenv.parse()"),
    }
)
_MODULES = ("$env/static/private.", "$env/static/public.", "astro:env/server.", "astro:env/client.", "process.env.")
#: Types of what a platform hands to a function with its variables in it.
_TYPES = regex(r"(?:.*\.)?(?:Env|Environment|Bindings|CloudflareEnv|CloudflareBindings|ProcessEnv|WorkerEnv)\(\)")
_VARIABLE = regex(r"[A-Z][A-Z0-9_]*\Z")
_READERS = frozenset(
    {"Deno.env.get", "Netlify.env.get", "astro:env/server.getSecret", "env-var.get", "env-var.default.get"}
)
_SECRETS = frozenset({"firebase-functions/params.defineSecret", "firebase-functions/params.defineString"})
#: Helpers by such names are taken for readers of the environment where they are given a name in capitals.
_HELPER = regex(
    r"(?:get|require|must|read|load|ensure|assert|check|fetch|try)*_?(?:get|required|optional|mandatory|safe)?_?"
    r"env(?:ironment)?_?(?:var|variable|value|string|url|or_?throw|or_?fail|or_?default|required)*",
)
_CONFIG = regex(r"(?:.*[._])?_?(?:config|env|environment|secrets?)(?:service)?(?:\(\))?", 2)
_GETTERS = frozenset({"get", "getOrThrow", "require"})
#: Methods of env-var, and of what other readers give, that hand the variable's text on.
_CHAINED = frozenset({"required", "asString", "asUrlString", "asUrlObject", "value", "unwrap", "expect"})
#: What Neon's own reader of the environment hands out, and the variables that it reads for it.
_NEON = regex(r"@neon(?:database)?/env\.parseEnv\(\)\.postgres")
_NEON_PARTS = {"databaseUrl": "DATABASE_URL", "databaseUrlUnpooled": "DATABASE_URL_UNPOOLED"}
#: What a Hyperdrive binding tells of a connection.
_HYPERDRIVE = frozenset({"connectionString", "host", "port", "user", "password", "database"})


def member(values: Values, node: Node, name: str, scope: Scope) -> EnvRef | None:
    """The variable that `process.env.X` reads, None for a member of anything else."""
    base = node.child_by_field_name("object")
    if base is None:
        return None
    if name in _NEON_PARTS and _NEON.fullmatch(values.names.path(unwrapped(base), scope)):
        return EnvRef(_NEON_PARTS[name], span(node))
    found = is_environment(values, base, scope)
    if found is None:
        return None
    return EnvRef(name, span(node)) if found or _VARIABLE.match(name) else None


def is_environment(values: Values, node: Node, scope: Scope) -> bool | None:
    """Whether an expression is the environment: True where that is certain, False where its name says so, else None."""
    node = unwrapped(node)
    path = values.names.path(node, scope)
    if path in _BASES:
        return True
    if _TYPES.fullmatch(path) or (path.endswith(".env") and path.startswith(("?", "this."))):
        return False
    base = node.child_by_field_name("object")
    if base is not None and base.type == "this" and values.names.member_name(node) == "env":
        return False
    if path.endswith(("getCloudflareContext().env", "getRequestContext().env")):
        return True
    if node.type == "identifier":
        bindings = scope.find(values.source.text(node))
        if len(bindings) == 1 and _handed(bindings[0], values.source.text(node)):
            return False
        if len(bindings) == 1 and bindings[0].kind == "assign" and (path == "?" or path.endswith(")")):
            found = values.value(node, scope)
            return True if isinstance(found, Ref) and found.name in _BASES else None
    if node.type in ("call_expression", "member_expression") and path.startswith(("?", "zod", "valibot")):
        found = values.value(node, scope)
        return True if isinstance(found, Ref) and found.name in _BASES else None
    return None


def _handed(binding: Binding, name: str) -> bool:
    """`env` as a parameter, or taken out of something: Workers, Pages functions, SvelteKit's `platform`."""
    if binding.kind == "parameter":
        return name == "env" and not (binding.steps and binding.steps[-1] != "env")
    return binding.kind == "assign" and bool(binding.steps) and binding.steps[-1] == "env"


def of_import(dotted: str, where: Span) -> EnvRef | None:
    """The variable that an imported name is: `import { DATABASE_URL } from "$env/static/private"`."""
    for module in _MODULES:
        if dotted.startswith(module) and "." not in (name := dotted[len(module) :]) and name != "getSecret":
            return EnvRef(name, where)
    return None


def step(values: Values, binding: Binding, where: Span) -> tuple[Value, int] | None:
    """The variable that destructuring takes out of the environment, with the number of steps that led to it."""
    if binding.value is None or not binding.steps:
        return None
    certain = is_environment(values, binding.value, binding.scope)
    first = binding.steps[0]
    if isinstance(first, str) and certain is not None and (certain or _VARIABLE.match(first)):
        return EnvRef(first, where), 1
    inner = binding.steps[1] if len(binding.steps) > 1 else None
    if first == "env" and isinstance(inner, str):
        path = values.names.path(binding.value, binding.scope)
        if path in ("process", "Bun", "import.meta") or _VARIABLE.match(inner):
            return EnvRef(inner, where), 2
    return None


def handed_step(binding: Binding, where: Span) -> EnvRef | None:
    """`{ env: { DATABASE_URL } }` among the parameters of a function."""
    steps = binding.steps
    if len(steps) >= 2 and steps[-2] == "env" and isinstance(steps[-1], str) and _VARIABLE.match(steps[-1]):
        return EnvRef(steps[-1], where)
    return None


def part(value: EnvRef, name: str, where: Span) -> EnvRef | None:
    """`env.HYPERDRIVE.connectionString`, and `.value` of what else holds a variable."""
    if name in _HYPERDRIVE:
        return EnvRef(f"{value.name}.{name}", where)
    return None


def call(values: Values, node: Node, callee: str, given: list[Node], scope: Scope) -> EnvRef | None:
    """The variable that a call reads, None for any other call."""
    first = unwrapped(given[0]) if given else None
    if first is None or first.type != "string":
        return None
    name = values.source.text(first)[1:-1]
    if callee in _READERS or callee in _SECRETS:
        return EnvRef(name, span(node))
    if not _VARIABLE.match(name):
        return None
    receiver, _, last = callee.rpartition(".")
    if last in _GETTERS and (receiver.startswith("env-var") or _CONFIG.fullmatch(_last_name(values, node))):
        return EnvRef(name, span(node), _default(values, given, scope))
    if _HELPER.fullmatch(_lowered(last)) or _reads_environment(values, node, scope):
        return EnvRef(name, span(node), _default(values, given, scope))
    return None


def _last_name(values: Values, node: Node) -> str:
    """What a method is called on, as it is written."""
    function = node.child_by_field_name("function")
    base = function.child_by_field_name("object") if function is not None else None
    return values.source.text(base)[-60:] if base is not None else ""


def _lowered(name: str) -> str:
    return name.lower() if len(name) < 40 else ""


def _reads_environment(values: Values, node: Node, scope: Scope) -> bool:
    """Whether a call's function is one of this file that looks its argument up in the environment."""
    function = node.child_by_field_name("function")
    if function is None or function.type != "identifier":
        return False
    body = values.names.local_function(scope.find(values.source.text(function)))
    return (
        body is not None
        and b".env[" in values.source.data[body.start_byte : min(body.end_byte, body.start_byte + 2000)]
    )


def _default(values: Values, given: list[Node], scope: Scope) -> Value | None:
    if len(given) < 2:
        return None
    found = values.value(given[1], scope)
    plain = isinstance(found, (Scalar, EnvRef)) and not (isinstance(found, Scalar) and not found.value)
    return found if plain else None


def method(base: Value, name: str, given: list[Value]) -> Value | None:
    """What `.required()`, `.default("…")` and the like make of a variable; None for other methods."""
    if not isinstance(base, EnvRef):
        return None
    if name == "default" and given:
        return EnvRef(base.name, base.span, given[0], base.transformed)
    return base if name in _CHAINED else None


def either(left: Value, right: Value, operator: str, where: Span) -> Value:
    """`a || b`, `a ?? b`: a variable whose default is what follows it; unknown where the first may be anything."""
    if isinstance(left, Scalar):
        missing = left.value is None if operator == "??" else not left.value
        return right if missing else left
    if isinstance(left, EnvRef):
        return _with_last(left, right, where)
    if isinstance(left, (Table, Items, Call)):
        return left
    return right if isinstance(right, Call) else Unknown("depends on a condition", where)


def _with_last(left: EnvRef, right: Value, where: Span) -> EnvRef:
    """`left` with `right` as the last of its defaults."""
    chain = [left]
    while isinstance(chain[-1].default, EnvRef):
        chain.append(chain[-1].default)
    default = chain[-1].default
    result: Value = right if default is None or (isinstance(default, Scalar) and not default.value) else default
    for link in reversed(chain):
        result = EnvRef(link.name, where if link is left else link.span, result, link.transformed)
    assert isinstance(result, EnvRef)
    return result


def arguments(node: Node) -> list[Node]:
    """The arguments of a call, as they are written."""
    given = node.child_by_field_name("arguments")
    return parts(given) if given is not None and given.type == "arguments" else []
