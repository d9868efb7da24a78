"""Platforms: what the files of a project say about where its code runs. Tables of signs, one module per family; knows
no rule.

A sign in the code's own file (a Lambda handler, `Mangum(app)`) is declared for that file; one elsewhere in its package
(`vercel.json`, a Procfile) is inferred for the code beside and below it. How far a sign reaches, `facts.runtime` says.
The families are imported when a file is met that can say something: a run on one dotenv file meets none.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from neonlint.ir.source import Document
from neonlint.platforms.base import HOSTS as HOSTS
from neonlint.platforms.base import RUNTIMES as RUNTIMES
from neonlint.platforms.base import Host as Host
from neonlint.platforms.base import Language as Language
from neonlint.platforms.base import NodeVersion as NodeVersion
from neonlint.platforms.base import Region as Region
from neonlint.platforms.base import Runtime as Runtime
from neonlint.platforms.base import Sign as Sign
from neonlint.platforms.base import Told as Told
from neonlint.regex import regex
from neonlint.words import holds_any

#: A part of each path that says something by its name and is neither Python nor JavaScript.
_NAMES = regex(
    r"vercel\.json|zappa_settings|\.chalice/|serverless\.|template\.|Dockerfile|Procfile|uwsgi"
    r"|netlify\.toml|wrangler\.|fly\.toml|render\.y|railway\.|nixpacks\.toml|firebase\.json|host\.json"
    r"|deno\.json|package\.json|\.nvmrc|\.node-version|\.tool-versions|\.github/workflows/|samconfig\.toml"
)
#: The words in Python files of which one must occur; those whose name alone decides.
WORDS = (
    *(b"lambda_handler", b"mangum", b"chalice", b"functions_framework", b"firebase_functions", b"azure", b"Celery"),
    *(b"uvicorn", b"BaseHTTPRequestHandler"),
)
_CONFIGURATION = regex(r"(?:zappa_settings|gunicorn[^/]*)\.py$")
_JAVASCRIPT = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")


def may_be_sign(path: str, data: bytes) -> bool:
    """Whether a file can say something about where code runs, so that it is worth a closer look."""
    if path.endswith(".py"):
        return _CONFIGURATION.search(path) is not None or holds_any(data, WORDS)
    if path.endswith(_JAVASCRIPT):
        from neonlint.platforms import javascript  # noqa: PLC0415 -- a run without JavaScript does without it

        return javascript.may_be_sign(path, data)
    return _NAMES.search(path) is not None


def of_file(path: str, data: bytes) -> Told | None:
    """What a file says about where code runs; how far that reaches is said in each sign. None for nothing."""
    from neonlint.platforms import files  # noqa: PLC0415 -- see the module's docstring

    return files.of_file(path, data)


def folder_of(path: str) -> str:
    """The folder that a sign in `path` speaks for: its own, for `.chalice/config.json` and workflows the one above."""
    folder = posixpath.dirname(path)
    if folder.endswith(".github/workflows"):
        return posixpath.dirname(posixpath.dirname(folder))
    return posixpath.dirname(folder) if posixpath.basename(folder) == ".chalice" else folder


def of_document(document: Document) -> Iterator[Sign]:
    """What a code file says about its own runtime."""
    if document.format == "python":
        from neonlint.platforms import python  # noqa: PLC0415 -- see the module's docstring

        yield from python.of_document(document)
    elif document.format == "javascript":
        from neonlint.platforms import javascript  # noqa: PLC0415 -- see the module's docstring

        sign = javascript.client_component(document) or javascript.of_file(document.path, document.data)
        if sign is not None and (not sign.weak or sign.runtime == "edge"):
            yield sign
