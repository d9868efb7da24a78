"""Facts about root certificates: whether a file is named that is there, and whether something else may provide one.

A word in any file of the package counts as a sign that cannot be judged: it makes the answer unseen, never false.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.facts.reading import component
from neonlint.ir.findings import Reason
from neonlint.ir.model import Connection
from neonlint.ir.source import Document
from neonlint.link import Project
from neonlint.regex import regex

_PROSE = regex(r"\.(?:md|mdx|rst|adoc)$", re.IGNORECASE)
_ROOT_WORDS = ("PGSSLROOTCERT", "sslrootcert", "/.postgresql", "root.crt")
_IMAGE = regex(r"(?:^|/)(?:Dockerfile|Containerfile)(?:\.[^/]*)?$|\.(?:Dockerfile|Containerfile)$", re.IGNORECASE)


def root_provided(connection: Connection, project: Project) -> Answer:
    """Whether something says that a root certificate is put where drivers look by default (`~/.postgresql/root.crt`).

    A Dockerfile that was not read may do so; the connection's own parameters are not looked at.
    """
    named = next((path for path in project.paths if posixpath.basename(path) == "root.crt"), None)
    if named is not None:
        return Known(True, (Reason(f"{named} is a root certificate"),))
    for word in _ROOT_WORDS:
        if (document := next(naming(word, connection, project), None)) is not None:
            return Unseen(f"{document.path} speaks of a root certificate")
    image = _unread_image(project)
    return Known(False) if image is None else Unseen(f"{image} was not read and may put a root certificate there")


def _unread_image(project: Project) -> str | None:
    """A Dockerfile of the project that no format has read, None where there is none."""
    read = {extract.document.path for extract in project.extracts}
    return next((path for path in project.paths if _IMAGE.search(path) and path not in read), None)


def cert_file(connection: Connection, project: Project) -> Answer:
    """Whether something in the package speaks of `SSL_CERT_FILE`; an unread Dockerfile may."""
    if next(naming("SSL_CERT_FILE", connection, project), None) is not None:
        return Known(True)
    image = _unread_image(project)
    return Known(False) if image is None else Unseen(f"{image} was not read and may set `SSL_CERT_FILE`")


_PLACEHOLDER_PATH = regex(
    r"(?:^|/)path/to(?:/|$)|^/?(?:your|my)[-_/]|(?:^|/)(?:your|my)[-_](?:path|cert|root|ca)\b|[<>{}]|\.\.\.|^path$|xxx",
    re.IGNORECASE,
)


def root_path_defect(connection: Connection, project: Project) -> Answer:
    """What is wrong with a written root certificate path: `placeholder`, `missing` (relative, and in no folder of the
    project), or None. A missing file is only told where no unread Dockerfile and no ignore rule may stand for it.
    """
    answer = component(connection, "params.sslrootcert", project)
    if isinstance(answer, Unseen) or answer.value in (None, "", "system"):
        return answer if isinstance(answer, Unseen) else Known(None)
    path = str(answer.value)
    if _PLACEHOLDER_PATH.search(path):
        return Known("placeholder", answer.because)
    if path.startswith(("/", "~", "$", "%")) or ":" in path[:3] or "\\" in path or "/" not in path:
        return Known(None)
    wanted = posixpath.normpath(path).lstrip("./")
    if not project.paths or any(f"/{known}".endswith(f"/{wanted}") for known in project.paths):
        return Known(None)
    name = posixpath.basename(path)
    for document in naming(name, connection, project):
        if document is not connection.document:
            return Unseen(f"{document.path} speaks of {name}")
    if any(_IMAGE.search(known) for known in project.paths):
        return Unseen("an image may put the file there")
    return Known("missing", answer.because)


def naming(word: str, connection: Connection, project: Project) -> Iterator[Document]:
    """The documents of the same package and of those above it that name a word, prose left out."""
    path = connection.document.path
    for document in project.documents_naming(word):
        root = project.root_of(document.path)
        if (not root or path.startswith(f"{root}/")) and not _PROSE.search(document.path):
            yield document
