"""What the manifests above a file say about a package, joined with what lock files have settled."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from neonlint.link_roots import Roots
from neonlint.manifests import Requirement, normalise
from neonlint.manifests_locks import Lock, version_for
from neonlint.manifests_npm import exact_version
from neonlint.manifests_packages import Layout
from neonlint.records import replace

_MANIFESTS = ("package.json", "deno.json", "deno.jsonc")


def required(
    ecosystem: str,
    name: str,
    root: str,
    manifests: Mapping[str, Mapping[str, Requirement]],
    layout: Mapping[str, Layout],
    roots: Roots,
) -> Requirement | None:
    """What is said about a package to the code of the package root `root`."""
    return _npm(name, root, manifests, layout, roots) if ecosystem == "npm" else _python(name, root, manifests, roots)


def _python(name: str, at: str, manifests: Mapping[str, Mapping[str, Requirement]], roots: Roots) -> Requirement | None:
    """What is said about a Python distribution, by the nearest root that says anything."""
    wanted = normalise(name)
    for root in roots.above(at):
        for manifest, requirements in manifests.items():
            if manifest.endswith(_MANIFESTS):
                continue
            folder = posixpath.dirname(manifest)
            inside = folder == root or (
                posixpath.basename(folder) == "requirements" and posixpath.dirname(folder) == root
            )
            if inside and (found := requirements.get(wanted)) is not None:
                return found
    return None


def _npm(
    name: str,
    at: str,
    manifests: Mapping[str, Mapping[str, Requirement]],
    layout: Mapping[str, Layout],
    roots: Roots,
) -> Requirement | None:
    """What is said about a package of npm: the range of the nearest package.json that names it, and the version that
    the nearest lock file has for it. One that only the lock file has is not `declared`."""
    asked: Requirement | None = None
    member = at
    for root in roots.above(at):
        here = (manifests.get(posixpath.join(root, manifest), {}).get(name) for manifest in _MANIFESTS)
        if (found := next(filter(None, here), None)) is not None:
            asked, member = found, root
            break
    version = _locked(name, member, asked, layout, roots)
    if version is None:
        return asked
    path, exact = version
    if asked is None:
        return Requirement(name, exact, path=path, declared=False)
    return replace(asked, exact=exact, path=path)


def _locked(
    name: str, member: str, asked: Requirement | None, layout: Mapping[str, Layout], roots: Roots
) -> tuple[str, tuple[int, ...]] | None:
    """The lock file and the version that a workspace member gets of a package, of which it asked for a range."""
    package = roots.packages.get(member)

    def fits(text: str) -> bool:
        version = exact_version(text)
        if version is None or asked is None:
            return version is not None
        if asked.exact is not None:
            return version == asked.exact
        return (asked.least is None or version >= asked.least) and (asked.below is None or version < asked.below)

    folder = member
    while True:
        for path, said in layout.items():
            if isinstance(said, Lock) and posixpath.dirname(path) == folder:
                inside = member[len(folder) :].strip("/")
                wanted = package.dependencies.get(name) if package else None
                text = version_for(said, name, inside, package.name if package else "", wanted, fits)
                exact = exact_version(text) if text else None
                return (path, exact) if exact else None
        if not folder:
            return None
        folder = posixpath.dirname(folder)
