"""Versions of npm's packages: ranges of package.json, and what the lock files of npm, pnpm, yarn and bun settle."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from projects import project_of

from neonlint import manifests, manifests_locks, manifests_packages
from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.engine_files import read_all
from neonlint.manifests_npm import bounds

API = '{"name": "@acme/api", "dependencies": {"pg": "^8.11.0", "prisma": "^6.0.0"}}'
WEB = '{"name": "web", "dependencies": {"pg": "7.18.2"}, "devDependencies": {"ws": "latest"}}'
NPM_3 = """{
  "name": "root", "lockfileVersion": 3,
  "packages": {
    "": { "name": "root", "workspaces": ["packages/*"] },
    "node_modules/pg": {
      "version": "8.16.0",
      "dependencies": { "pg-connection-string": "^2.9.0" }
    },
    "node_modules/pg-connection-string": { "version": "2.9.0" },
    "packages/web/node_modules/pg": { "version": "7.18.2" }
  }
}
"""
NPM_1 = """{
  "name": "root",
  "lockfileVersion": 1,
  "dependencies": {
    "pg": {
      "version": "8.16.0",
      "requires": { "pg-connection-string": "^2.9.0" }
    },
    "pg-connection-string": {
      "version": "2.9.0"
    },
    "web": {
      "version": "file:packages/web",
      "dependencies": {
        "pg": {
          "version": "7.18.2"
        }
      }
    }
  }
}
"""
PNPM_9 = """lockfileVersion: '9.0'

importers:

  .: {}

  packages/api:
    dependencies:
      pg:
        specifier: ^8.11.0
        version: 8.16.0(pg-native@3.0.0)

  packages/web:
    dependencies:
      pg:
        specifier: 7.18.2
        version: 7.18.2

packages:

  pg-connection-string@2.9.0:
    resolution: {integrity: sha512-x}

  pg@7.18.2:
    resolution: {integrity: sha512-x}

  pg@8.16.0:
    resolution: {integrity: sha512-x}
"""
PNPM_5 = """lockfileVersion: 5.4

importers:

  packages/api:
    specifiers:
      pg: ^8.11.0
    dependencies:
      pg: 8.16.0_pg-native@3.0.0

  packages/web:
    specifiers:
      pg: 7.18.2
    dependencies:
      pg: 7.18.2

packages:

  /pg-connection-string/2.9.0:
    dev: false
"""
YARN_1 = """# yarn lockfile v1


pg-connection-string@^2.9.0:
  version "2.9.0"
  resolved "https://registry.yarnpkg.com/x.tgz#0"

pg@7.18.2:
  version "7.18.2"

pg@^8.0.0, pg@^8.11.0:
  version "8.16.0"
"""
YARN_4 = """__metadata:
  version: 8

"pg-connection-string@npm:^2.9.0":
  version: 2.9.0
  resolution: "pg-connection-string@npm:2.9.0"

"pg@npm:7.18.2":
  version: 7.18.2

"pg@npm:^8.0.0, pg@npm:^8.11.0":
  version: 8.16.0
"""
BUN = """{
  "lockfileVersion": 1,
  "packages": {
    "pg": ["pg@8.16.0", "", {}, "sha512-x"],

    "pg-connection-string": ["pg-connection-string@2.9.0", "", {}, "sha512-x"],

    "web/pg": ["pg@7.18.2", "", {}, "sha512-x"],
  }
}
"""
LOCKS = {
    "npm 3": ("package-lock.json", NPM_3),
    "npm 1": ("npm-shrinkwrap.json", NPM_1),
    "pnpm 9": ("pnpm-lock.yaml", PNPM_9),
    "pnpm 5": ("pnpm-lock.yaml", PNPM_5),
    "yarn 1": ("yarn.lock", YARN_1),
    "yarn 4": ("yarn.lock", YARN_4),
    "bun": ("bun.lock", BUN),
}


def workspace(*locks: str) -> dict[str, str]:
    return {
        "package.json": '{"name": "root", "workspaces": ["packages/*"]}',
        "packages/api/package.json": API,
        "packages/web/package.json": WEB,
        **dict(LOCKS[lock] for lock in locks),
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_each_member_of_a_workspace_gets_its_own_version(lock: str) -> None:
    project = project_of(workspace(lock))
    found = {
        where: project.requirement("pg", f"packages/{where}/src/db.ts", "npm") for where in ("api", "web")
    }  # fmt: skip
    assert {where: requirement and requirement.exact for where, requirement in found.items()} == {
        "api": (8, 16, 0),
        "web": (7, 18, 2),
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_what_only_the_lock_file_has_is_not_declared(lock: str) -> None:
    project = project_of(workspace(lock))
    found = project.requirement("pg-connection-string", "packages/api/src/db.ts", "npm")
    assert found is not None and found.exact == (2, 9, 0) and not found.declared
    assert not project.names_distribution("pg-connection-string", "packages/api/src/db.ts", "npm")
    assert project.names_distribution("pg", "packages/api/src/db.ts", "npm")


def test_a_range_alone_bounds_on_both_sides() -> None:
    project = project_of(workspace())
    prisma = project.requirement("prisma", "packages/api/a.ts", "npm")
    assert prisma is not None and prisma.exact is None
    assert (prisma.at_least(5), prisma.at_least(6, 5), prisma.at_least(7)) == (True, None, False)
    ws = project.requirement("ws", "packages/web/a.ts", "npm")
    assert ws is not None and ws.at_least(1) is None
    assert project.requirement("prisma", "packages/web/a.ts", "npm") is None


def test_a_member_sees_what_the_root_names() -> None:
    files = {"package.json": '{"devDependencies": {"prisma": "5.1.0"}}', "apps/a/package.json": "{}"}
    found = project_of(files).requirement("prisma", "apps/a/prisma/schema.prisma", "npm")
    assert found is not None and found.exact == (5, 1, 0) and found.path == "package.json"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("8.11.3", ((8, 11, 3), None, None)),
        ("=8.11.3", ((8, 11, 3), None, None)),
        ("v1.2.3-beta.1", ((1, 2, 3), None, None)),
        ("^8.11.0", (None, (8, 11, 0), (9,))),
        ("^0.10.4", (None, (0, 10, 4), (0, 11))),
        ("^0.0.3", (None, (0, 0, 3), (0, 0, 4))),
        ("~1.2.3", (None, (1, 2, 3), (1, 3))),
        ("~1", (None, (1, 0, 0), (2,))),
        ("8", (None, (8, 0, 0), (9,))),
        ("8.x", (None, (8, 0, 0), (9,))),
        (">=5 <7", (None, (5, 0, 0), (7, 0, 0))),
        (">= 5.2", (None, (5, 2, 0), None)),
        ("<9", (None, None, (9, 0, 0))),
        ("<=8.11", (None, None, (8, 12))),
        ("1.2 - 2.3", (None, (1, 2, 0), (2, 4))),
        ("^7.0.0 || ^8.0.0", (None, (7, 0, 0), (9,))),
        ("^7.0.0 || *", (None, None, None)),
        ("npm:@neon/pg@^8.1.0", (None, (8, 1, 0), (9,))),
        *(
            (spec, (None, None, None))
            for spec in ("*", "", "latest", "workspace:^1.0.0", "catalog:", "file:../x", "x/y#8")
        ),
    ],
)
def test_ranges(spec: str, expected: tuple[object, object, object]) -> None:
    assert bounds(spec) == expected


def test_an_extra_brings_its_distribution_along() -> None:
    found = manifests.read("requirements.txt", b"psycopg[binary,pool]>=3.2\nsqlalchemy[postgresql]==2.0.1\n")
    assert found["psycopg"].least == found["psycopg-binary"].least == (3, 2)
    assert found["psycopg2"].exact is None and found["sqlalchemy"].exact == (2, 0, 1)
    poetry = b'[tool.poetry.dependencies]\npsycopg = { version = "^3.1", extras = ["binary"] }\n'
    assert manifests.read("pyproject.toml", poetry)["psycopg-binary"].least == (3, 1)


def test_a_lock_file_is_neither_parsed_nor_skipped_for_its_size(tmp_path: Path) -> None:
    text = NPM_3.replace('"": {', '"x": { "description": "' + "postgres " * 200_000 + '" }, "": {')
    (tmp_path / "package-lock.json").write_text(text)
    (tmp_path / "bun.lockb").write_bytes(b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n\0")
    files = [FoundFile("bun.lockb"), FoundFile("package-lock.json")]
    found = read_all(tmp_path, files, Config(), {})
    assert not found.skipped and not found.extracts
    assert isinstance(found.layout["package-lock.json"], manifests_locks.Lock)


@pytest.mark.parametrize("name", manifests_locks.LOCKS)
@pytest.mark.parametrize(
    "piece",
    [
        b'"',
        b'\n"pg@',
        b'node_modules/pg":{',
        b'["pg@8"',
        b"\n  pg",
        b" ",
        b'\n  "pg": {\n',
        b"pg@a,",
        b"\n\tpg:",
        b"\xff",
    ],
)
def test_hostile_locks_end_soon(name: str, piece: bytes) -> None:
    started = time.perf_counter()
    manifests_locks.read(name, piece * (2_000_000 // len(piece)))
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    "piece", [b"/*", b"{", b'"', b'\\"', b",", b'{"a":', b"export {", b"export * from 'x'\n", b"//\n"]
)
def test_hostile_layout_ends_soon(piece: bytes) -> None:
    data = piece * (1_000_000 // len(piece))
    started = time.perf_counter()
    manifests_packages.package(data)
    manifests_packages.path_map(data)
    manifests_packages.barrel(data)
    assert time.perf_counter() - started < 3


def test_comments_and_trailing_commas_of_a_tsconfig() -> None:
    found = manifests_packages.path_map(
        b'{ // a comment\n "extends": "./base", /* "baseUrl": "no" */ "compilerOptions": {"paths": {"@/*": ["./src/*",],},},}'
    )
    assert found == manifests_packages.PathMap(None, {"@/*": ("./src/*",)}, ("./base",))
