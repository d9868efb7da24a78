"""What platform files say about where a package's JavaScript runs: Vercel, Netlify, Cloudflare, AWS, servers, and the
adapters of frameworks. Knows no rule.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import islice

from neonlint.platforms.base import MOST, Host, Runtime, Sign
from neonlint.regex import regex

#: Frameworks whose pages run on a server, so that a platform file beside them speaks about code.
SERVED = (
    "next", "nuxt", "@sveltejs/kit", "@remix-run/node", "@remix-run/react", "@react-router/node",
    "@tanstack/react-start", "@tanstack/solid-start", "@solidjs/start", "@redwoodjs/core", "blitz",
)  # fmt: skip
_SERVER = (
    rb"(?:node|nodemon|npm|npx|pnpm|yarn|bun|next|pm2(?:-runtime)?|tsx|ts-node|remix-serve|react-router-serve|nest)"
)
_FRONT = rb"^(?![ \t]*(?://|/?\*|#))"


def _js(
    runtime: Runtime,
    because: str,
    host: Host = "",
    *,
    weak: bool = False,
    code_in: str = "",
    packages: tuple[str, ...] = (),
) -> Sign:
    return Sign(runtime, because, weak, code_in, language="javascript", host=host, packages=packages)


#: Path pattern of a file, a pattern that its bytes must match, and what it then says; every match counts.
_FILES: tuple[tuple[re.Pattern[str], re.Pattern[bytes], Sign], ...] = tuple(
    (regex(path), regex(needle, re.MULTILINE), sign)
    for path, needle, sign in (
        (
            r"(?:^|/)vercel\.json$",
            rb"@vercel/(?:node|next|edge|remix|redwood)\b|\"functions\"\s*:\s*\{\s*\"[^\"]*\.[cm]?[jt]sx?\"",
            _js("serverless", "vercel.json deploys JavaScript functions", "vercel"),
        ),
        # Vercel finds functions in `api/` without being told, and takes a framework's server code for functions.
        (
            r"(?:^|/)vercel\.json$",
            rb"",
            _js("serverless", "vercel.json deploys the functions in api/", "vercel", code_in="api"),
        ),
        (
            r"(?:^|/)vercel\.json$",
            rb"",
            _js("serverless", "vercel.json deploys the framework's server code", "vercel", packages=SERVED),
        ),
        (
            r"(?:^|/)package\.json$",
            rb"\"@vercel/(?:analytics|speed-insights)\"\s*:",
            _js(
                "serverless",
                "package.json names a package that works on Vercel alone",
                "vercel",
                weak=True,
                packages=SERVED,
            ),
        ),
        (
            r"(?:^|/)netlify\.toml$",
            rb"",
            _js(
                "serverless",
                "netlify.toml deploys the framework's server code",
                "netlify",
                packages=SERVED,
            ),
        ),
        (
            r"(?:^|/)serverless\.(?:ya?ml|ts|js|json)$",
            rb"\bruntime['\"]?:[ \t]*['\"]?nodejs",
            _js("serverless", "the Serverless Framework deploys Node.js functions", "aws"),
        ),
        (
            r"(?:^|/)(?:sam-?)?template\.(?:ya?ml|json)$",
            rb"^[ \t]*['\"]?Runtime['\"]?:[ \t]*['\"]?nodejs",
            _js("serverless", "the SAM template deploys Node.js functions", "aws"),
        ),
        (
            r"(?:^|/)sst\.config\.[cm]?[jt]s$",
            rb"\bsst\.aws\.(?:Function|Nextjs|Remix|SvelteKit|Astro|Nuxt|SolidStart|TanStackStart|ApiGateway\w*|Cron|React)\b",
            _js("serverless", "sst.config deploys functions", "aws"),
        ),
        (
            r"(?:^|/)sst\.config\.[cm]?[jt]s$",
            rb"\bsst\.aws\.Service\b|\baddService\(",
            _js("long-lived", "sst.config runs a service in containers", "aws"),
        ),
        (
            r"(?:^|/)firebase\.json$",
            rb"\"functions\"\s*:",
            _js("serverless", "firebase.json deploys the functions in functions/", "other", code_in="functions"),
        ),
        (
            r"(?:^|/)host\.json$",
            rb"Microsoft\.Azure\.Functions",
            _js("serverless", "host.json says that these are Azure functions", "other"),
        ),
        (r"(?:^|/)fly\.toml$", rb"^[ \t]*app[ \t]*=", _js("long-lived", "fly.toml runs this on machines of Fly.io")),
        (
            r"(?:^|/)render\.ya?ml$",
            rb"^[ \t]*(?:env|runtime):[ \t]*['\"]?(?:node|docker|bun)\b",
            _js("long-lived", "render.yaml runs this as a service of Render"),
        ),
        (r"(?:^|/)railway\.(?:json|toml)$", rb"", _js("long-lived", "Railway runs this as a service")),
        (r"(?:^|/)nixpacks\.toml$", rb"", _js("long-lived", "Nixpacks builds a service of this", weak=True)),
        (
            r"(?:^|/)Procfile$",
            rb"^\w+:[ \t]*" + _SERVER + rb"\b",
            _js("long-lived", "the Procfile starts a long-lived server"),
        ),
        (
            r"(?:^|/)ecosystem\.config\.[cm]?js$",
            rb"\bapps\b",
            _js("long-lived", "pm2 runs this as a long-lived process"),
        ),
        (
            r"(?:^|/)[^/]*Dockerfile[^/]*$",
            rb"^FROM[ \t]+(?:--\S+[ \t]+)?public\.ecr\.aws/lambda/nodejs|aws-lambda-(?:ric|adapter)",
            _js("serverless", "the Dockerfile builds an AWS Lambda image", "aws"),
        ),
        (
            r"(?:^|/)[^/]*Dockerfile[^/]*$",
            rb"^[ \t]*(?:CMD|ENTRYPOINT)\b[^\n]*\b" + _SERVER + rb"\b",
            _js("long-lived", "the Dockerfile starts a long-lived server"),
        ),
        (
            r"(?:^|/)deno\.jsonc?$",
            rb"\"deploy\"\s*:\s*\{",
            _js("edge", "deno.json deploys this to Deno Deploy", "deno"),
        ),
        (
            r"(?:^|/)next\.config\.[cm]?[jt]s$",
            _FRONT + rb"[^\n]*\boutput['\"]?:[ \t]*['\"]standalone['\"]",
            _js("long-lived", "next.config builds a standalone server", weak=True),
        ),
        (
            r"(?:^|/)open-next\.config\.[cm]?[jt]s$",
            rb"@opennextjs/cloudflare",
            _js("edge", "OpenNext deploys this to Cloudflare Workers", "cloudflare"),
        ),
    )
)
#: Adapters in the configuration of SvelteKit, Astro and their like: package name and what it then says.
_ADAPTERS: tuple[tuple[bytes, Runtime, Host], ...] = (
    (rb"@sveltejs/adapter-vercel|@astrojs/vercel|@vercel/remix|@vercel/react-router", "serverless", "vercel"),
    (rb"@sveltejs/adapter-netlify|@astrojs/netlify|@netlify/(?:remix|vite-plugin-\w+)[\w-]*", "serverless", "netlify"),
    (rb"@sveltejs/adapter-cloudflare(?:-workers)?|@astrojs/cloudflare|@cloudflare/vite-plugin", "edge", "cloudflare"),
    (rb"@sveltejs/adapter-node|@astrojs/node", "long-lived", ""),
)
_ADAPTED = regex(r"(?:^|/)(?:svelte|astro|vite|remix|react-router)\.config\.[cm]?[jt]s$")
_TO_EDGE = regex(rb"\bruntime['\"]?[ \t]*:[ \t]*['\"](?:experimental-)?edge|\bedge[ \t]*:[ \t]*true")
_PRESET = regex(_FRONT + rb"[^\n]*\b(?:preset|target)['\"]?[ \t]*:[ \t]*['\"](?P<preset>[\w-]+)['\"]", re.MULTILINE)
_PRESETS_IN = regex(r"(?:^|/)(?:nuxt|nitro|vite|app)\.config\.[cm]?[jt]s$")
#: How the names of Nitro's presets begin, longest first (Nitro documentation, "Deploy").
_PRESETS: tuple[tuple[str, Runtime, Host], ...] = (
    ("vercel-edge", "edge", "vercel"),
    ("vercel", "serverless", "vercel"),
    ("netlify-edge", "edge", "netlify"),
    ("netlify", "serverless", "netlify"),
    ("cloudflare", "edge", "cloudflare"),
    ("deno-deploy", "edge", "deno"),
    ("aws-lambda", "serverless", "aws"),
    ("aws-amplify", "serverless", "aws"),
    ("firebase", "serverless", "other"),
    ("azure", "serverless", "other"),
    ("node", "long-lived", ""),
    ("bun", "long-lived", ""),
    ("deno-server", "long-lived", ""),
)
_NETLIFY_FOLDER = regex(
    rb"^[ \t]*functions[ \t]*=[ \t]*['\"](?P<build>[^'\"\n]+)['\"]|^\[functions\][^\[]*?^[ \t]*directory[ \t]*=[ \t]*"
    rb"['\"](?P<own>[^'\"\n]+)['\"]",
    re.MULTILINE,
)
_WRANGLER = regex(r"(?:^|/)wrangler\.(?:toml|jsonc?)$")
_KEY = _FRONT + rb"(?:[^\n]*?[{,])?[ \t]*"
_MAIN = regex(_KEY + rb"['\"]?main['\"]?[ \t]*[=:][ \t]*['\"](?P<main>[^'\"\n]+)['\"]", re.MULTILINE)
_PAGES = regex(_KEY + rb"['\"]?pages_build_output_dir['\"]?[ \t]*[=:]", re.MULTILINE)
_COMPAT = regex(_FRONT + rb"[^\n]*\b(?:nodejs_compat(?:_v2)?\b|node_compat['\"]?[ \t]*[=:][ \t]*true)", re.MULTILINE)


def of_file(path: str, data: bytes) -> Iterator[Sign]:
    """What a platform file says about the JavaScript of its package."""
    for pattern, needle, sign in _FILES:
        if pattern.search(path) and needle.search(data):
            yield sign
    if _WRANGLER.search(path):
        yield from _wrangler(path, data)
    elif path.endswith("netlify.toml"):
        yield from _netlify(data)
    if _ADAPTED.search(path):
        yield from _adapters(data)
    if _PRESETS_IN.search(path):
        yield from _presets(data)


def compat(path: str, data: bytes) -> bool | None:
    """Whether a wrangler configuration switches on Node.js's modules for its Worker; None for other files."""
    return _COMPAT.search(data) is not None if _WRANGLER.search(path) else None


def _wrangler(path: str, data: bytes) -> Iterator[Sign]:
    name = posixpath.basename(path)
    if (match := _MAIN.search(data)) is not None:
        main = posixpath.normpath(posixpath.join(posixpath.dirname(path), match["main"].decode(errors="replace")))
        because = f"{name} deploys it to Cloudflare Workers"
        yield Sign("edge", because, language="javascript", host="cloudflare", main=main)
    elif _PAGES.search(data):
        yield _js("edge", f"{name} deploys this to Cloudflare Pages", "cloudflare", packages=SERVED)


def _netlify(data: bytes) -> Iterator[Sign]:
    for match in islice(_NETLIFY_FOLDER.finditer(data), MOST):
        folder = posixpath.normpath((match["build"] or match["own"]).decode(errors="replace"))
        yield _js("serverless", f"netlify.toml deploys the functions in {folder}/", "netlify", code_in=folder)


def _adapters(data: bytes) -> Iterator[Sign]:
    for names, runtime, host in _ADAPTERS:
        match = re.search(_FRONT + rb"[^\n]*['\"](" + names + rb")(?:/[\w-]+)?['\"]", data, re.MULTILINE)
        if match is not None:
            edge = host in ("vercel", "netlify") and _TO_EDGE.search(data) is not None
            yield _js("edge" if edge else runtime, f"the adapter `{match[1].decode()}` says so", host)


def _presets(data: bytes) -> Iterator[Sign]:
    for match in islice(_PRESET.finditer(data), MOST):
        preset = match["preset"].decode().replace("_", "-")
        for begin, runtime, host in _PRESETS:
            if preset.startswith(begin):
                yield _js(runtime, f"the preset `{match['preset'].decode()}` says so", host)
                break
