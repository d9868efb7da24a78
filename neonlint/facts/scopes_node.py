"""Where JavaScript code stands: at module level, in a function that runs for each request or event, in another one.

Which functions those are is each framework's own convention: a name that the platform calls, a router that the function
is given to, a directive. Documentation read: Next.js 16, SvelteKit 2, Remix 2 and React Router 7, Nuxt 4, Astro 5, Hono
4, Cloudflare Workers and Pages, Netlify, AWS Lambda, Deno, Bun.
"""

from __future__ import annotations

from neonlint.facts.answer import Known
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client
from neonlint.ir.source import Document, FunctionDef_, Ref, Span, Table
from neonlint.regex import regex

_VERBS = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ALL|fallback"
#: Exported names that a platform calls for each request or event, by the files in which it looks for them ("" is any).
_EXPORTED: tuple[tuple[str, str, str], ...] = (
    (
        r"(?:^|/)(?:route|\+server)\.[cm]?[jt]sx?$|(?:^|/)pages/|(?:^|/)(?:api|functions)/|(?:^|/)routes/",
        _VERBS,
        "route",
    ),
    (r"", r"default\.(?:fetch|scheduled|queue|email|tail)", "worker"),
    (r"", r"onRequest(?:Get|Post|Put|Patch|Delete|Head|Options)?", "Pages function"),
    (r"", r"(?:lambda)?[hH]andler|lambda_handler", "handler"),
    (r"", r"getServerSideProps|getInitialProps", "page"),
    (r"(?:^|/)(?:app|src)/(?:.*/)?(?:routes?|root|entry\.server)(?:[./]|$)|\.(?:tsx|jsx)$", r"loader|action", "route"),
    (r"(?:^|/)\+(?:page|layout)(?:\.server)?\.[jt]s$", r"load|actions\..+", "route"),
    (r"(?:^|/)hooks\.server\.[jt]s$", r"handle", "hook"),
    (
        r"(?:^|/)(?:pages/api|api|netlify/(?:edge-)?functions|edge-functions|server/(?:api|routes))/",
        r"default(?:\.\w+)?|handler|handle",
        "function",
    ),
    (
        r"(?:^|/)app/(?:.*/)?(?:page|layout)\.[jt]sx?$",
        r"default|\w*(?:Page|Layout)|generateMetadata",
        "server component",
    ),
    (r"(?:^|/)(?:middleware|proxy)\.[jt]s$", r"middleware|proxy|default|onRequest", "middleware"),
)
_PATTERNS = tuple((regex(path), regex(f"(?:{name})"), what) for path, name, what in _EXPORTED)
#: Calls that take a function which then runs for each request: routers, servers, wrappers of frameworks.
_ROUTERS = regex(
    r"^(?:express|hono|fastify|koa|polka|restify|itty-router|elysia|find-my-way|restana|h3|@?[\w./-]*router|@hono/[\w-]+|"
    r"@hapi/hapi|oak|@fastify/[\w-]+)\b.*\.(?:get|post|put|patch|del|delete|head|options|all|any|use|on|route|handle|"
    r"openapi|addRoute|param)$"
)
_VERB_ON_ANYTHING = regex(r"\.(?:get|post|put|patch|delete|all)$")
_REQUEST = regex(r"_*(?:req|request|c|ctx|context|event)")
_WRAPPERS = regex(
    r"(?:^|[.])(?:defineEventHandler|eventHandler|defineCachedEventHandler|cachedEventHandler|onRequest|onCall|onSchedule|"
    r"onDocumentCreated|createServer|withAuth|withSession|withApiAuthRequired|createServerFn\(\)(?:\.\w+\(\))*\.handler|"
    r"json|apiHandler|wrapHandler|middy)$|^(?:Deno\.serve|Bun\.serve|serve|addEventListener|[^.]*/server\.serve)$"
)
_NOT_WRAPPERS = regex(r"\.json$|express\.json$")
#: What makes a server function of TanStack Start one that runs once, when the site is built.
_STATIC = regex(rb"staticFunctionMiddleware|\btype:\s*['\"]static['\"]")


def enclosing(document: Document, span: Span) -> list[FunctionDef_]:
    """The functions around a place, innermost first."""
    around = [f for f in document.functions if f.span.start <= span.start and span.end <= f.span.end]
    return sorted(around, key=lambda f: f.span.end - f.span.start)


def scope(client: Client) -> Known:
    """See the fact `scope`, for JavaScript."""
    around = enclosing(client.document, client.name_span)
    if not around:
        return Known("module") if not client.scope else Known("method" if "." in client.scope else "function")
    for function in reversed(around):  # what a handler calls for itself runs for each request too
        if (why := handles(function, client.document)) is not None:
            return Known("handler", (Reason(why),))
    return Known("method" if "." in around[0].name and not around[0].given_to else "function")


def handles(function: FunctionDef_, document: Document) -> str | None:
    """The sentence that says why a function runs for each request or event; None where nothing says so."""
    if "use server" in function.directives or ("use server" in document.directives and function.exported):
        return f"`{function.name}` is a server action"
    called = function.name if function.exported else _in_default(function, document)
    if called is not None:
        for path, name, what in _PATTERNS:
            if path.search(document.path) and name.fullmatch(called) and _takes_event(function, what):
                return f"`{function.name}` is called for each request ({what})"
    if function.given_to and _is_router(function) and not _runs_at_build(function, document):
        return f"`{function.given_to}` calls it for each request"
    return None


def _runs_at_build(function: FunctionDef_, document: Document) -> bool:
    """Whether a server function is a static one, by what stands between `createServerFn` and the function."""
    if "createServerFn" not in function.given_to:
        return False
    start = document.data.rfind(b"createServerFn", 0, function.span.start)
    return _STATIC.search(document.data, max(start, 0), function.span.start) is not None


def _in_default(function: FunctionDef_, document: Document) -> str | None:
    """The path under which the default export's object holds a function (`export default { fetch }`)."""
    exported = document.root.get("default") if document.root is not None else None
    for entry in exported.entries if isinstance(exported, Table) else ():
        value = entry.value
        if value.span == function.span or (isinstance(value, Ref) and value.name == function.name):
            return f"default.{entry.key}"
    return None


def _takes_event(function: FunctionDef_, what: str) -> bool:
    """`handler` without parameters may be anything; the names of the others are their platform's own."""
    return what != "handler" or bool(function.params)


def _is_router(function: FunctionDef_) -> bool:
    given_to = function.given_to
    if _ROUTERS.search(given_to):
        return True
    if _WRAPPERS.search(given_to) and not _NOT_WRAPPERS.search(given_to):
        return True
    first = function.params[0] if function.params else ""
    return bool(_VERB_ON_ANYTHING.search(given_to) and _REQUEST.fullmatch(first))
