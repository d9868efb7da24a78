"""Every fact that a rule can ask about, by subject. Written by hand; the fact reference in the documentation is made
from it.

The modules of a subject are imported when its facts are first asked for: a run that meets no code needs none of what
is known about clients and statements.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib import import_module

from neonlint.facts.answer import FactSpec

#: Subject to where its facts are: module of `neonlint.facts`, name of the tuple. The subjects `suppression` and `file`
#: have no facts: the findings of the first are made by `neonlint.suppress`.
_PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "connection": (
        ("connection", "CONNECTION"),
        ("tls", "TLS"),
        ("tls_words_node", "TLS_WORDS"),
        ("text", "TEXT"),
        ("session", "SESSION"),
        ("regions", "REGIONS"),
        ("command_files", "FILES"),
    ),
    "client": (
        ("client", "CLIENT"),
        ("tls_client", "TLS_CLIENT"),
        ("tls_words_node", "TLS_WORDS_CLIENT"),
        ("pools", "POOLS"),
        ("client_node", "CLIENT_NODE"),
        ("pools_node", "POOLS_NODE"),
        ("lives_node", "LIVES"),
        ("edge", "EDGE"),
        ("prisma", "PRISMA"),
        ("node_version", "NODE_VERSION"),
        ("browser", "BROWSER"),
    ),
    "statement": (("statement", "STATEMENT"),),
    "log": (("log", "LOG"),),
    "dependency": (("dependency", "DEPENDENCY"),),
    "command": (("command", "COMMAND"),),
    "setting": (("setting", "SETTING"),),
    "suppression": (),
    "file": (),
}


class _Catalogue(Mapping[str, Mapping[str, FactSpec]]):
    """Subject to fact name to fact, each subject made once."""

    def __init__(self) -> None:
        self._made: dict[str, Mapping[str, FactSpec]] = {}

    def __getitem__(self, subject: str) -> Mapping[str, FactSpec]:
        if subject not in self._made:
            parts = [getattr(import_module(f"neonlint.facts.{module}"), name) for module, name in _PLACES[subject]]
            self._made[subject] = {spec.name: spec for part in parts for spec in part}
        return self._made[subject]

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)


#: Subject to fact name to fact.
FACTS: Mapping[str, Mapping[str, FactSpec]] = _Catalogue()


def source() -> bytes:
    """The text of the modules that define the facts: it changes whenever a fact does, and needs no import of them."""
    folder = os.path.dirname(__file__)  # noqa: PTH120 -- a Path costs more than reading a file
    names = sorted(name for name in os.listdir(folder) if name.endswith(".py"))  # noqa: PTH208
    texts = []
    for name in names:
        with open(os.path.join(folder, name), "rb", buffering=0) as file:  # noqa: PTH118, PTH123
            texts.append(file.read())
    return b"\0".join(texts)
