"""Which versions of which packages a project names: pyproject.toml, requirements files, Pipfile, Python's lock files,
and package.json (npm's ranges and lock files: `manifests_npm`, `manifests_locks`).

Reads text only. A lock file or an exact pin gives a version; a lower bound gives at least that; anything else gives a
name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from neonlint.records import dataclass
from neonlint.regex import regex

if TYPE_CHECKING:
    from neonlint.manifests_packages import Layout

_LINE = regex(
    r"^\s*[\"']?(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?\s*(?P<spec>(?:[<>=!~^]=?=?\s*[\w.*+!-]+\s*,?\s*)*)"
)
_BOUND = regex(r"(?P<op>===?|~=|>=|>|\^|~)\s*v?(?P<version>\d+(?:\.\d+)*)")
_LOCKED = regex(r'^\[\[package\]\]\s*\nname = "(?P<name>[^"]+)"\nversion = "(?P<version>[^"]+)"', re.MULTILINE)

#: Distributions that an extra brings along (their pyproject.toml files).
_EXTRAS = {
    ("psycopg", "binary"): "psycopg-binary",
    ("psycopg", "c"): "psycopg-c",
    ("sqlalchemy", "postgresql"): "psycopg2",
    ("sqlalchemy", "postgresql-psycopg2binary"): "psycopg2-binary",
    ("sqlalchemy", "postgresql-psycopg"): "psycopg",
    ("sqlalchemy", "postgresql-psycopgbinary"): "psycopg-binary",
    ("sqlalchemy", "postgresql-asyncpg"): "asyncpg",
    ("sqlalchemy", "postgresql-pg8000"): "pg8000",
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a project says about one package. `exact` is a pinned or locked version, `least` a lower bound, `below` the
    first version that is too high (of npm's ranges only). One that no manifest names is not `declared`: a lock file has
    it because another package needs it."""

    name: str
    exact: tuple[int, ...] | None = None
    least: tuple[int, ...] | None = None
    path: str = ""
    below: tuple[int, ...] | None = None
    declared: bool = True

    def at_least(self, *version: int) -> bool | None:
        """Whether every version that this admits is at least `version`; False where none is, None where that cannot be
        said."""
        if self.exact is not None:
            return self.exact >= version
        if self.least is not None and self.least >= version:
            return True
        return False if self.below is not None and self.below <= version else None


def layout(path: str, data: bytes, required: Mapping[str, Requirement]) -> Layout | None:
    """What a file says about how files name each other, and what is locked; `required` is what `read` gave for it."""
    from neonlint import manifests_locks, manifests_packages  # noqa: PLC0415 -- a run on one dotenv file meets none

    name = path.rpartition("/")[2]
    if name in manifests_locks.LOCKS:
        return manifests_locks.read(path, data)
    if name == "pyproject.toml":
        return manifests_packages.python_package(data, required)
    if name in ("package.json", "deno.json", "deno.jsonc"):
        return manifests_packages.package(data)
    if name.startswith(("tsconfig", "jsconfig")):
        return manifests_packages.path_map(data)
    return manifests_packages.barrel(data)


def normalise(name: str) -> str:
    """A distribution name in the form in which names are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read(path: str, data: bytes) -> dict[str, Requirement]:
    """The requirements a manifest names, by normalised name. A file that cannot be read says nothing."""
    if path.endswith(("package.json", "deno.json", "deno.jsonc")):
        from neonlint import manifests_npm, manifests_packages  # noqa: PLC0415 -- only where there is one

        package = manifests_packages.package(data)
        return manifests_npm.requirements(path, package.dependencies) if package else {}
    text = data.decode("utf-8-sig", "replace")
    found: dict[str, Requirement] = {}
    for requirement in _requirements(path, text):
        key = normalise(requirement.name)
        found[key] = _stronger(found.get(key), requirement)
    return found


def _requirements(path: str, text: str) -> Iterator[Requirement]:
    name = path.rsplit("/", 1)[-1]
    if name.endswith(".lock"):
        for match in _LOCKED.finditer(text.replace("\r\n", "\n")):
            yield Requirement(match["name"], exact=_version(match["version"]), path=path)
    elif name in ("pyproject.toml", "Pipfile"):
        yield from _toml(path, text)
    else:
        for line in text.splitlines():
            stripped = line.strip().removeprefix("- ")
            if stripped and not stripped.startswith(("#", "-", "[")):
                yield from _line(path, stripped)


def _toml(path: str, text: str) -> Iterator[Requirement]:
    import tomllib  # noqa: PLC0415 - costs 5 ms, and most runs on one file meet no manifest

    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError):  # a ValueError that is no TOMLDecodeError: a number of 5000 digits
        return
    project = _mapping(data.get("project"))
    groups: list[Any] = [project.get("dependencies"), *_mapping(project.get("optional-dependencies")).values()]
    groups += _mapping(data.get("dependency-groups")).values()
    for group in groups:
        for line in group if isinstance(group, list) else ():
            if isinstance(line, str):
                yield from _line(path, line)
    poetry = _mapping(_mapping(data.get("tool")).get("poetry"))
    tables = [poetry.get("dependencies"), data.get("packages"), data.get("dev-packages")]
    tables += [_mapping(g).get("dependencies") for g in _mapping(poetry.get("group")).values()]
    for table in tables:
        for name, spec in _mapping(table).items():
            version, extras = (spec.get("version"), spec.get("extras")) if isinstance(spec, dict) else (spec, None)
            chosen = [extra for extra in extras if isinstance(extra, str)] if isinstance(extras, list) else []
            yield from _bounds(path, name, version if isinstance(version, str) else "", chosen)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _line(path: str, line: str) -> Iterator[Requirement]:
    if (match := _LINE.match(line)) is not None:
        yield from _bounds(path, match["name"], match["spec"], (match["extras"] or "").split(","))


def _bounds(path: str, name: str, spec: str, extras: Iterable[str]) -> Iterator[Requirement]:
    """A requirement, and what its extras bring along."""
    exact = least = None
    for match in _BOUND.finditer(spec):
        version = _version(match["version"])
        if match["op"] in ("==", "===") and "*" not in spec:
            exact = version
        elif match["op"] not in ("==", "==="):
            least = version
    yield Requirement(name, exact, least, path)
    for extra in extras:
        if (brought := _EXTRAS.get((normalise(name), normalise(extra.strip())))) is not None:
            same = brought.startswith(f"{normalise(name)}-")  # released together with it, under the same version
            yield Requirement(brought, exact if same else None, least if same else None, path)


def _version(text: str) -> tuple[int, ...]:
    match = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part[:9]) for part in match[0].split(".")) if match else (0,)


def _stronger(old: Requirement | None, new: Requirement) -> Requirement:
    if old is None or (old.exact is None and (new.exact is not None or old.least is None)):
        return new
    return old
