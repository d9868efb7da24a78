"""Facts about the words that stand for TLS modes: what is misspelt, and what is most likely meant."""

from __future__ import annotations

import re

from neonlint.dialects.fields import MODES
from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.facts.reading import component
from neonlint.ir.model import Connection
from neonlint.link import Project

#: What drivers and people write for "yes".
TRUE = ("true", "True", "1", "yes", "on")


def misspelt(connection: Connection, project: Project) -> Answer:
    """A written `sslmode` that no driver knows, None where it is one of libpq's six words, `no-verify` or not there."""
    answer = component(connection, "params.sslmode", project)
    if isinstance(answer, Unseen) or answer.value is None or answer.value in (*MODES, "no-verify"):
        return answer if isinstance(answer, Unseen) else Known(None)
    return answer


def nearest(connection: Connection, project: Project) -> Answer:
    """The mode that a misspelt `sslmode` most likely means, None where nothing is near."""
    answer = misspelt(connection, project)
    if isinstance(answer, Unseen) or answer.value is None:
        return answer
    word = re.sub(r"[\s_]+", "-", str(answer.value).strip().lower())
    if word in ("full", "verify", "verifyfull", "verify-identity"):
        return Known("verify-full")
    if word in TRUE or word == "required":
        return Known("require")
    from difflib import get_close_matches  # noqa: PLC0415 -- only a misspelt mode needs it

    near = get_close_matches(word, MODES, n=1, cutoff=0.7)
    return Known(near[0] if near else None)
