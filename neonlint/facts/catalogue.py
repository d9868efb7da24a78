"""Every fact that a rule can ask about, by subject. Written by hand; the fact reference in the documentation is made
from it."""

from __future__ import annotations

from neonlint.facts.answer import FactSpec
from neonlint.facts.client import CLIENT, LOG
from neonlint.facts.connection import CONNECTION
from neonlint.facts.dependency import DEPENDENCY
from neonlint.facts.pools import POOLS
from neonlint.facts.session import SESSION, STATEMENT
from neonlint.facts.text import LOGGED, TEXT
from neonlint.facts.tls import TLS
from neonlint.facts.tls_client import TLS_CLIENT

#: Subject to fact name to fact. The subject `suppression` has no facts: its findings are made by `neonlint.suppress`.
FACTS: dict[str, dict[str, FactSpec]] = {
    "connection": {spec.name: spec for spec in (*CONNECTION, *TLS, *TEXT, *SESSION)},
    "client": {spec.name: spec for spec in (*CLIENT, *TLS_CLIENT, *POOLS)},
    "statement": {spec.name: spec for spec in STATEMENT},
    "log": {spec.name: spec for spec in (*LOG, *LOGGED)},
    "dependency": {spec.name: spec for spec in DEPENDENCY},
    "suppression": {},
    "file": {},
}
