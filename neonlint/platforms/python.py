"""What says where Python code runs: platform files that name Python, entry points, frameworks. Tables of signs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from neonlint.ir.source import Document, FunctionDef_, Table
from neonlint.platforms.base import Sign
from neonlint.regex import regex

_LAMBDA = "runs on AWS Lambda"
_SERVER = rb"\b(?:gunicorn|uvicorn|hypercorn|daphne|waitress-serve|uwsgi|celery)\b"
_IMPORT = rb"^[ \t]*(?:from|import)[ \t]+"
_AZURE = (
    rb"^[ \t]*(?:import[ \t]+azure\.functions|from[ \t]+azure(?:\.functions[ \t]+import|[ \t]+import[ \t]+functions))\b"
)
#: Path pattern of a file, a pattern that its bytes must match, and what it then says. The first match counts.
_FILES: tuple[tuple[re.Pattern[str], re.Pattern[bytes], Sign], ...] = tuple(
    (regex(path), regex(needle, re.MULTILINE), sign)
    for path, needle, sign in (
        # Many repositories deploy only their front end to Vercel: a Python function is named by its builder or file …
        (
            r"(?:^|/)vercel\.json$",
            rb"@vercel/python|vercel-python|\.py\"",
            Sign("serverless", "vercel.json deploys Python functions"),
        ),
        # … or lies in `api/`, where Vercel finds it without being told (Vercel documentation, "Python runtime").
        (
            r"(?:^|/)vercel\.json$",
            rb"",
            Sign("serverless", "vercel.json deploys the Python functions in api/", code_in="api"),
        ),
        (
            r"(?:^|/)zappa_settings\.(?:json|toml|ya?ml|py)$",
            rb"",
            Sign("serverless", f"zappa_settings says that this project {_LAMBDA}"),
        ),
        (
            r"(?:^|/)\.chalice/config\.json$",
            rb"",
            Sign("serverless", f".chalice/config.json says that this project {_LAMBDA}"),
        ),
        (
            r"(?:^|/)serverless\.ya?ml$",
            rb"\bruntime:[ \t]*['\"]?python",
            Sign("serverless", "serverless.yml deploys Python functions"),
        ),
        (
            r"(?:^|/)(?:sam-?)?template\.ya?ml$",
            rb"^[ \t]*Runtime:[ \t]*['\"]?python3",
            Sign("serverless", "the SAM template deploys Python functions"),
        ),
        (
            r"(?:^|/)[^/]*Dockerfile[^/]*$",
            rb"^FROM[ \t]+(?:--\S+[ \t]+)?public\.ecr\.aws/lambda/python|awslambdaric",
            Sign("serverless", "the Dockerfile builds an AWS Lambda image"),
        ),
        (
            r"(?:^|/)[^/]*Dockerfile[^/]*$",
            rb"^[ \t]*(?:CMD|ENTRYPOINT)\b.*" + _SERVER,
            Sign("long-lived", "the Dockerfile starts a long-lived server"),
        ),
        (r"(?:^|/)Procfile$", rb"^\w+:.*" + _SERVER, Sign("long-lived", "the Procfile starts a long-lived server")),
        (
            r"(?:^|/)gunicorn(?:[._-]\w+)*\.py$",
            rb"",
            Sign("long-lived", "gunicorn is configured here, a long-lived server"),
        ),
        (r"(?:^|/)uwsgi\.ini$", rb"", Sign("long-lived", "uWSGI is configured here, a long-lived server")),
        (
            r"(?:^|/)api/(?:[^/]+/)*[^/]+\.py$",
            rb"^class handler\(.*BaseHTTPRequestHandler",
            Sign("serverless", "a `handler` class in api/ is a Vercel function", shared=False),
        ),
        (r"\.py$", _IMPORT + rb"mangum\b", Sign("serverless", f"Mangum says that this application {_LAMBDA}")),
        (r"\.py$", _IMPORT + rb"chalice\b", Sign("serverless", f"Chalice says that this application {_LAMBDA}")),
        (r"\.py$", rb"^(?:async )?def lambda_handler\(", Sign("serverless", f"`lambda_handler` {_LAMBDA}")),
        (
            r"\.py$",
            _IMPORT + rb"(?:functions_framework|firebase_functions)\b",
            Sign("serverless", "there is a Google Cloud function here"),
        ),
        (r"\.py$", _AZURE, Sign("serverless", "there is an Azure function here")),
        (r"\.py$", rb"\bCelery[ \t]*\(", Sign("long-lived", "Celery workers are long-lived processes")),
        (
            r"\.py$",
            rb"\buvicorn\.run[ \t]*\(",
            Sign("long-lived", "uvicorn serves this application in a long-lived process", weak=True),
        ),
    )
)
_CALLS: dict[str, Sign] = {
    "mangum.Mangum": Sign("serverless", f"Mangum says that this application {_LAMBDA}"),
    "modal.App": Sign("serverless", "Modal runs these functions"),
    "modal.Stub": Sign("serverless", "Modal runs these functions"),
    "chalice.Chalice": Sign("serverless", f"Chalice says that this application {_LAMBDA}"),
    "azure.functions.FunctionApp": Sign("serverless", "Azure Functions runs this application"),
    "azure.functions.Blueprint": Sign("serverless", "Azure Functions runs these functions"),
    "celery.Celery": Sign("long-lived", "Celery workers are long-lived processes"),
    "uvicorn.run": Sign("long-lived", "uvicorn serves this application in a long-lived process", weak=True),
}
_CLOUD_FUNCTION = ("functions_framework.", "azure.functions.", "firebase_functions.")
_CELERY_TASK = ("celery.shared_task", "celery.task", "celery.app.shared_task")
_EVENT = regex(r"_*(?:event|evt|e)")
_CONTEXT = regex(r"_*(?:\w*context|ctx|_)?")


def of_file(path: str, data: bytes) -> Sign | None:
    """What a file says about the runtime of Python code; how far that reaches is said in the sign."""
    return next((sign for pattern, needle, sign in _FILES if pattern.search(path) and needle.search(data)), None)


def of_document(document: Document) -> Iterator[Sign]:
    """What a Python file says about its own runtime."""
    for call in document.calls:
        if (sign := _CALLS.get(call.callee)) is not None:
            yield sign
    for function in document.functions:
        yield from _of_function(function)
    if _is_vercel_function(document):
        yield Sign("serverless", "a `handler` class in api/ is a Vercel function")


def _of_function(function: FunctionDef_) -> Iterator[Sign]:
    if _is_lambda_handler(function):
        yield Sign("serverless", f"`{function.name}({', '.join(function.params)})` is a Lambda handler")
    if any(decorator.startswith(_CLOUD_FUNCTION) for decorator in function.decorators):
        yield Sign("serverless", f"`{function.name}` is a cloud function")
    if any(decorator in _CELERY_TASK for decorator in function.decorators):
        yield Sign("long-lived", f"`{function.name}` runs in a Celery worker, a long-lived process")


def _is_lambda_handler(function: FunctionDef_) -> bool:
    """`lambda_handler` with two parameters, or `handler(event, context)` and what is called like it."""
    if len(function.params) != 2 or "." in function.name or not re.search(r"(?:^|_)handler$|^handle$", function.name):
        return False
    event, context = function.params
    return function.name == "lambda_handler" or bool(_EVENT.fullmatch(event) and _CONTEXT.fullmatch(context))


def _is_vercel_function(document: Document) -> bool:
    """Vercel calls a class `handler` in a file below `api/` (Vercel documentation, "Python runtime")."""
    handler = document.root.get("handler") if document.root is not None else None
    if not isinstance(handler, Table) or handler.kind != "class" or "api" not in document.path.split("/")[:-1]:
        return False
    return any(target.startswith("http.server") for target in document.imports.values())
