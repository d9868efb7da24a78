"""The map for programs: one JSON object of schema `neonlint-map/1`, in ASCII.

Paths are relative to the project root, rows 1-based; ids are of this one object and change when the project does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import neonlint
from neonlint.report import map_words as words
from neonlint.report.json import Json
from neonlint.report.redact import scrub

if TYPE_CHECKING:
    from neonlint.inventory import Because, Endpoint, Inventory, Source, User

SCHEMA = "neonlint-map/1"


def lines(shown: words.Shown, width: int) -> Iterator[str]:  # noqa: ARG001 -- every format is given it
    """The map as indented JSON. `##[`, which starts a command in old GitHub runners, is written with an escape."""
    yield from json.dumps(as_object(shown), indent=2).replace("##[", "#\\u0023[").splitlines()


def as_object(shown: words.Shown) -> dict[str, Json]:
    """The map as JSON values."""
    inventory = shown.inventory
    return {
        "schema": SCHEMA,
        "version": neonlint.__version__,
        "endpoints": [_endpoint(endpoint) for endpoint in inventory.endpoints],
        "sources": [_source(source) for source in inventory.sources],
        "users": [_user(inventory, user) for user in inventory.users],
        "left_out": shown.left._asdict(),
        "files": inventory.files,
        "ignored_env_files": [scrub(path) for path in inventory.ignored_env_files],
        "skipped": [
            {"path": scrub(skip.path), "reason": skip.reason, "detail": scrub(skip.detail)}
            for skip in inventory.skipped
        ],
    }


def _text(text: str | None) -> str | None:
    return None if text is None else scrub(text)


def _because(reasons: Iterable[Because]) -> list[Json]:
    return [{"text": scrub(reason.text), "inferred": reason.inferred} for reason in reasons]


def _endpoint(endpoint: Endpoint) -> dict[str, Json]:
    return {
        "id": endpoint.id,
        "host": scrub(endpoint.host),
        "where": endpoint.where,
        "compute": _text(endpoint.compute),
        "route": endpoint.route,
        "region": _text(endpoint.region),
        "cloud": _text(endpoint.cloud),
        "databases": [scrub(name) for name in endpoint.databases],
    }


def _source(source: Source) -> dict[str, Json]:
    return {
        "id": source.id,
        "name": scrub(source.name),
        "key": scrub(source.key),
        "path": scrub(source.place.path),
        "row": source.place.row,
        "standing": source.standing,
        "endpoint": source.endpoint,
        "endpoint_unseen": _text(source.endpoint_why or None),
        "route": source.route,
        "role": source.role,
        "user": _text(source.user),
        "database": _text(source.database),
        "environment": source.environment or None,
        "tls": source.tls,
        "tls_because": _because(source.tls_because),
        "role_because": _because(source.role_because),
        "because": _because(source.because),
        "sample": source.sample or None,
        "fallback": source.fallback,
        "certain": source.certain,
    }


def _user(inventory: Inventory, user: User) -> dict[str, Json]:
    return {
        "id": user.id,
        "tool": scrub(user.tool),
        "driver": _text(user.driver),
        "name": scrub(user.name),
        "kind": user.kind,
        "path": scrub(user.place.path),
        "row": user.place.row,
        "role": user.role,
        "runtime": user.runtime,
        "runtime_because": _because(user.runtime_because),
        "largest": user.largest,
        "over_http": user.over_http,
        "serverless_direct": words.serverless_direct(inventory, user),
        "tls": user.tls,
        "sample": user.sample or None,
        "certain": user.certain,
        "unseen": _text(user.unseen or None),
        "sources": [
            {
                "id": link.source,
                "variable": _text(link.variable or None),
                "because": _because(link.because),
                "certain": link.certain,
            }
            for link in user.links
        ],
    }
