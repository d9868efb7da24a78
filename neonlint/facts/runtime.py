"""Where code runs: what the configuration declares, what its own file says, what its package says, and for JavaScript
who imports it.

What the configuration or a file says about itself is declared; what its place in the package or its importers suggest
is inferred. Of a file of which something else is declared, no sign of a platform counts.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import cast

from neonlint import platforms
from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.facts.importers import importers_of
from neonlint.facts.roles import client_role, is_aside, is_test
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Connection, Statement
from neonlint.link import Project
from neonlint.platforms import Language, Runtime, Sign

_SUFFIXES: dict[Language, tuple[str, ...]] = {
    "python": (".py",),
    "javascript": (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".svelte", ".vue", ".astro"),
}


def runtime_of(connection: Connection, project: Project) -> Answer:
    """See the fact `runtime` of connections."""
    if (named := _runtime_of_name(connection, project)) is not None:
        return named
    answers = [client_runtime(client, project) for client, _ in project.consumers(connection)]
    known = [a for a in answers if isinstance(a, Known)]
    if known:
        return known[0] if all(a.value == known[0].value for a in known) else Unseen("it is used in several runtimes")
    if (said := runtime_of_file(connection.document.path, project)) is not None:
        return said
    if answers:
        return Unseen("nothing says where its code runs")
    return _agreed(package_signs(connection.document.path, project), inferred=True) or _UNSEEN


def tcp_runtime(connection: Connection, project: Project) -> Answer:
    """Where the application's code runs that opens a connection over TCP; None where nothing does. Scripts, migrations
    and what Neon's own driver opens over HTTP or WebSockets do not count."""
    from neonlint.facts.drivers_node import OWN_TLS, Way, is_node, way  # noqa: PLC0415 -- where a client is seen

    clients = [client for client, _ in project.consumers(connection) if _deployed(client, project)]
    ways = [(client, way(client, project) if is_node(client) else None) for client in clients]
    over = [client for client, how in ways if how is None or (isinstance(how, Way) and how.driver not in OWN_TLS)]
    if not over:
        return Known(None)
    if (named := _runtime_of_name(connection, project)) is not None:
        return named
    answers = [client_runtime(client, project) for client in over]
    known = [answer for answer in answers if isinstance(answer, Known)]
    if not known:
        return _UNSEEN
    return known[0] if all(a.value == known[0].value for a in known) else Unseen("it is used in several runtimes")


def _deployed(client: Client, project: Project) -> bool:
    role = client_role(client, project)
    return isinstance(role, Known) and role.value == "runtime"


def client_runtime(client: Client | Statement, project: Project) -> Answer:
    """See the fact `runtime` of clients: what is declared, else what its own file says, else what its package and its
    importers say."""
    return project.once("runtime", client, lambda: _client_runtime(client, project))


def declared_runtime(client: Client | Statement, project: Project) -> Known | None:
    """Where the configuration declares that a client's code runs: by the variable that it reads, else by its file. What
    is not deployed may read the variable, too."""
    if project.declared is None:
        return None
    from neonlint.facts import declared  # noqa: PLC0415 -- most projects declare nothing

    path = client.document.path
    deployed = not is_aside(path, project) and not is_test(path, project)
    named = declared.read("runtimes", client, project) if deployed else None
    return named or declared.placed("runtimes", path, project)


def _runtime_of_name(connection: Connection, project: Project) -> Known | None:
    if project.declared is None:
        return None
    from neonlint.facts import declared  # noqa: PLC0415 -- as above

    return declared.named("runtimes", connection.name, project)


def runtime_of_file(path: str, project: Project) -> Known | None:
    """Where the configuration declares that the code of a file runs."""
    if project.declared is None:
        return None
    from neonlint.facts import declared  # noqa: PLC0415 -- as above

    return declared.placed("runtimes", path, project)


def _counts(sign: Sign, where: str, project: Project) -> bool:
    """Whether a sign in a file is one: not where something else is declared of that file."""
    said = runtime_of_file(where, project)
    return said is None or said.value == sign.runtime


def _client_runtime(client: Client | Statement, project: Project) -> Answer:
    if (said := declared_runtime(client, project)) is not None:
        return said
    own = _agreed(platforms.of_document(client.document), inferred=False)
    if own is not None:
        return own
    path = client.document.path
    signs = [*package_signs(path, project), *importer_signs(path, project)]
    return _agreed(signs, inferred=True) or _UNSEEN


_UNSEEN = Unseen("nothing says where this code runs")


def language_of(path: str) -> Language | None:
    """The language of a code file, None for every other file."""
    return next((name for name, suffixes in _SUFFIXES.items() if path.endswith(suffixes)), None)


def package_signs(path: str, project: Project) -> list[Sign]:
    """What the platform files and entry points of its package say about a file beside or below; for JavaScript, only
    about what is deployed."""
    language = language_of(path)
    if language == "javascript" and is_aside(path, project):
        return []
    root = project.root_of(path)
    return [
        sign
        for where, told in project.signs.items()
        if told.signs and not is_test(where, project)
        for sign in told.signs
        if language in (None, sign.language) and _counts(sign, where, project)
        if _reaches(where, sign, path, root, project)
    ]


def importer_signs(path: str, project: Project, depth: int = 8) -> Iterator[Sign]:
    """What the files that import a JavaScript file, directly or through others up to `depth`, say about their own
    runtime."""
    if language_of(path) != "javascript":
        return
    for importer in importers_of(path, project, depth):
        if is_aside(importer, project) or is_test(importer, project):
            continue
        place = f"{importer} imports it"
        if (said := runtime_of_file(importer, project)) is not None:
            yield _as_sign(said, place)
            continue
        told = project.signs.get(importer)
        for sign in told.signs if told is not None else ():
            if not sign.weak and sign.language == "javascript":
                yield sign._replace(because=f"{place}, and {sign.because}")
        for entry in project.signs.values():
            for sign in entry.signs:
                if sign.main == importer:
                    yield sign._replace(because=f"{place}, and {sign.because}")


def _as_sign(said: Known, place: str) -> Sign:
    """What is declared of a file, as a sign for what it imports."""
    return Sign(cast("Runtime", said.value), f"{place}, and {said.because[0].text}", language="javascript")


def _reaches(where: str, sign: Sign, path: str, root: str, project: Project) -> bool:
    """Whether a sign in the file `where` speaks for the file at `path`."""
    if where == path:
        return True
    if sign.main and sign.main in project.paths:
        folder = posixpath.dirname(sign.main)
        inside = folder != posixpath.dirname(where) and path.startswith(f"{folder}/")
        return path == sign.main or (inside and project.root_of(sign.main) == root)
    return (
        sign.shared
        and _speaks_for(platforms.folder_of(where), sign, path, root, project)
        and _holds(where, sign, project)
    )


def _speaks_for(folder: str, sign: Sign, path: str, root: str, project: Project) -> bool:
    """Whether a sign in `folder` speaks for `path`: the same package, the file beside or below the sign.

    `api/requirements.txt` makes no package of its own of the functions that the `vercel.json` above it deploys.
    """
    own = project.root_of(posixpath.join(folder, "x"))
    beside = not folder or path.startswith(f"{folder}/")
    return beside and (own == root or (sign.language == "python" and posixpath.join(own, "api") == root))


def _holds(where: str, sign: Sign, project: Project) -> bool:
    """Whether what a sign asks for is there: code in a folder, a package that the manifest beside it names."""
    folder = platforms.folder_of(where)
    if sign.packages:
        manifest = project.signs.get(posixpath.join(folder, "package.json"))
        return manifest is not None and not manifest.packages.isdisjoint(sign.packages)
    if not sign.code_in:
        return True
    inside = posixpath.join(folder, sign.code_in)
    if sign.language == "javascript" and project.root_of(posixpath.join(inside, "x")) == inside:
        return False
    suffixes = _SUFFIXES[sign.language]
    return any(path.startswith(f"{inside}/") and path.endswith(suffixes) for path in project.paths)


def _agreed(signs: Iterable[Sign], *, inferred: bool) -> Answer | None:
    """The one runtime that the signs tell, the weak ones only where there is no other; None where there is none."""
    every = list(signs)
    strong = [sign for sign in every if not sign.weak] or every
    if not strong:
        return None
    if len({sign.runtime for sign in strong}) > 1:
        return Unseen("the files of this package speak of several runtimes")
    return Known(strong[0].runtime, (Reason(strong[0].because, inferred=inferred),))
