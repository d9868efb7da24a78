"""What a JavaScript file says about where it runs itself: segment configuration, handlers, servers, the packages of
platforms. Read off its bytes, so that an entry point counts which says nothing about a database.
"""

from __future__ import annotations

import re

from neonlint.ir.source import Document
from neonlint.platforms.base import Host, Runtime, Sign
from neonlint.regex import regex
from neonlint.words import holds_any

SUFFIXES = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".svelte", ".vue", ".astro")
#: Parts of every file's bytes that any pattern below can match, and of the paths that say something by themselves.
_WORDS = (
    *(b"runtime", b"andler", b"listen(", b"serve", b"vercel", b"netlify", b"cloudflare", b"aws", b"azure"),
    *(b"functions", b"ExecutionContext", b"ExportedHandler", b"onRequest", b"next", b"preferredRegion", b"preset"),
    *(b"adapter", b"hono", b"bullmq", b"discord.js", b"sst", b"lambda", b"target", b"apps", b"PagesFunction"),
)
_PLACES = ("functions/",)

_LINE = rb"^(?![ \t]*(?://|/?\*))"  # no line that is a comment
_EDGE = rb"['\"](?:experimental-)?edge['\"]"


def _imports(*packages: str) -> bytes:
    """A pattern of an import (also of types) or `require` of one of `packages`."""
    names = "|".join(packages).encode()
    return (
        _LINE
        + rb"[^\n]*?(?:\bfrom|\brequire\(|\bimport(?:\(|(?=[ \t]*['\"])))[ \t]*['\"](?:npm:)?(?:"
        + names
        + rb")['\"]"
    )


def _js(runtime: Runtime, because: str, *, shared: bool = False, weak: bool = False, host: Host = "") -> Sign:
    return Sign(runtime, because, weak, shared=shared, language="javascript", host=host)


_LISTENS = rb"(?s:.*?)\.listen[ \t]*\("
#: Path pattern, a pattern that the bytes must match, words of which they must hold one (most files hold none, and words
#: are found sooner than patterns), and what it then says. The first match counts.
_FILES: tuple[tuple[re.Pattern[str], re.Pattern[bytes], tuple[bytes, ...], Sign], ...] = tuple(
    (regex(path), regex(needle, re.MULTILINE), words, sign)
    for path, needle, words, sign in (
        # Next.js, "Route Segment Config"; Vercel documentation, "Edge Runtime".
        (
            r"",
            rb"^export[ \t]+const[ \t]+runtime\b[^=\n]*=[ \t]*" + _EDGE,
            (b"edge",),
            _js("edge", "`export const runtime = 'edge'` says so", host="vercel"),
        ),
        (
            r"",
            rb"^export[ \t]+const[ \t]+config\b[^={\n]*=[ \t]*\{[^{}]{0,500}?\bruntime['\"]?[ \t]*:[ \t]*" + _EDGE,
            (b"edge",),
            _js("edge", "its exported `config` says `runtime: 'edge'`", host="vercel"),
        ),
        (
            r"(?:^|/)supabase/functions/",
            rb"",
            (b"",),
            _js("edge", "it lies in supabase/functions", host="supabase"),
        ),
        (
            r"(?:^|/)netlify/edge-functions/",
            rb"",
            (b"",),
            _js("edge", "it lies in netlify/edge-functions", host="netlify"),
        ),
        (
            r"",
            _imports("@netlify/edge-functions"),
            (b"@netlify/",),
            _js("edge", "it is a Netlify edge function", host="netlify"),
        ),
        (
            r"(?:^|/)functions/",
            rb"^export[ \t]+(?:const|(?:async[ \t]+)?function)[ \t]+onRequest(?:[A-Z][a-z]+)?\b",
            (b"onRequest",),
            _js("edge", "`onRequest` in functions/ is a Cloudflare Pages function", host="cloudflare"),
        ),
        (
            r"",
            _imports("cloudflare:(?:workers|sockets)", "@cloudflare/workers-types", "hono/cloudflare-workers"),
            (b"cloudflare",),
            _js("edge", "it names a module of Cloudflare Workers", host="cloudflare"),
        ),
        (
            r"",
            # `ExecutionContext` alone is also a type of NestJS.
            rb"(?:\bsatisfies|:)[ \t]*ExportedHandler\b|\bPagesFunction<"
            rb"|\benv:[ \t]*[\w.]+,\s{0,20}\w+:[ \t]*ExecutionContext\b",
            (b"ExportedHandler", b"ExecutionContext", b"PagesFunction"),
            _js("edge", "its types are those of Cloudflare Workers", host="cloudflare"),
        ),
        (
            r"(?:^|/)netlify/functions/",
            rb"",
            (b"",),
            _js("serverless", "it lies in netlify/functions", host="netlify"),
        ),
        (
            r"",
            _imports("@netlify/functions"),
            (b"@netlify/",),
            _js("serverless", "it is a Netlify function", host="netlify"),
        ),
        (
            r"",
            _imports("@vercel/node"),
            (b"@vercel/node",),
            _js("serverless", "it is a Vercel function", host="vercel"),
        ),
        (
            r"\.[cm]?[jt]s$",
            _imports("aws-lambda", "@middy/core", "hono/aws-lambda", "serverless-http", "aws-serverless-express")
            + rb"|"
            + _imports("@(?:vendia|codegenie)/serverless-express", "@fastify/aws-lambda"),
            (b"aws-", b"@middy/", b"serverless-"),
            _js("serverless", "it names a package for AWS Lambda handlers", shared=True, host="aws"),
        ),
        (
            r"\.[cm]?[jt]s$",
            rb"^export[ \t]+const[ \t]+(?:lambdaH|h)andler\b[^=\n]*=[ \t]*(?:async[ \t]*)?(?:function[ \t]*\w*[ \t]*)?"
            rb"\([ \t\n]*_*(?:event|evt)\b"
            rb"|^export[ \t]+(?:async[ \t]+)?function[ \t]+(?:lambdaH|h)andler[ \t]*\([ \t\n]*_*(?:event|evt)\b"
            rb"|^(?:module\.)?exports\.(?:lambdaH|h)andler[ \t]*=[ \t]*(?:async[ \t]*)?(?:function[ \t]*\w*[ \t]*)?"
            rb"\([ \t\n]*_*(?:event|evt)\b",
            (b"andler",),
            _js("serverless", "`handler(event)` is a Lambda handler", shared=True, host="aws"),
        ),
        (
            r"",
            _imports("@google-cloud/functions-framework", "firebase-functions(?:/[^'\"]*)?"),
            (b"functions",),
            _js("serverless", "there is a Google Cloud function here", shared=True, host="other"),
        ),
        (
            r"",
            _imports("@azure/functions"),
            (b"@azure/",),
            _js("serverless", "there is an Azure function here", shared=True, host="other"),
        ),
        (
            r"",
            _imports("@vercel/functions"),
            (b"@vercel/functions",),
            _js("serverless", "it uses `@vercel/functions`", shared=True, host="vercel"),
        ),
        (
            r"",
            rb"\A(?=" + _LISTENS + rb")(?=(?s:.*?)['\"](?:node:)?(?:https?|http2|express|fastify|koa|restify|polka"
            rb"|@nestjs/core|@feathersjs/express|@hapi/hapi|elysia|socket\.io|ws)['\"])",
            (b".listen",),
            _js("long-lived", "a server listens here", shared=True, weak=True),
        ),
        (
            r"",
            _imports("@hono/node-server", "@apollo/server/standalone", "bullmq", r"discord\.js"),
            (b"@hono/node-server", b"standalone", b"bullmq", b"discord.js"),
            _js("long-lived", "a long-lived process starts here", shared=True, weak=True),
        ),
        (
            r"",
            _LINE + rb"[^\n]*\bBun\.serve\(",
            (b"Bun.serve",),
            _js("long-lived", "Bun serves requests here", shared=True, weak=True),
        ),
    )
)
_MIDDLEWARE = regex(r"(?:^|/)middleware\.[jt]s$")
_NEXT_MODULE = regex(
    _imports("next/server", "next-auth(?:/[^'\"]*)?", "next-intl/middleware", "@clerk/nextjs/server"), re.MULTILINE
)
_NODE_MIDDLEWARE = regex(rb"\bruntime['\"]?[ \t]*:[ \t]*['\"]nodejs['\"]")


def may_be_sign(path: str, data: bytes) -> bool:
    """Whether a JavaScript file can say something about the runtime."""
    return any(place in path for place in _PLACES) or holds_any(data, _WORDS)


def of_file(path: str, data: bytes) -> Sign | None:
    """What a JavaScript file says about its own runtime; how far that reaches is said in the sign."""
    found = next(
        (
            sign
            for pattern, needle, words, sign in _FILES
            if any(word in data for word in words) and pattern.search(path) and needle.search(data)
        ),
        None,
    )
    if (found is None or found.weak or found.shared) and _is_middleware(path, data):
        # Weak: what middleware imports may be shaken out of its bundle.
        return _js("edge", "Next.js runs its middleware in the edge runtime", weak=True, host="vercel")
    return found


def _is_middleware(path: str, data: bytes) -> bool:
    """Next.js, "Middleware": the edge runtime unless its `config` says otherwise (possible since 15.2)."""
    return (
        _MIDDLEWARE.search(path) is not None and bool(_NEXT_MODULE.search(data)) and not _NODE_MIDDLEWARE.search(data)
    )


def client_component(document: Document) -> Sign | None:
    """Whether a file is code for browsers: `'use client'`, or the script of a Svelte or Vue component."""
    if "use client" in document.directives:
        return _js("browser", "`'use client'` puts it into browser code")
    if document.path.endswith((".svelte", ".vue")):
        return _js("browser", "the script of a component goes to the browser")
    return None
