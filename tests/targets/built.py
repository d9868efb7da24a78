"""The TypeScript that targets give, as folders of files, and the commands that are run in them."""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from node.conftest import HOST
from node.npm import Npm, surroundings

from neonlint import generate
from neonlint.generate import Wish
from neonlint.targets import MODULES, load
from neonlint.targets.model import PROFILES, Output, Profile, Role, Runtime

OURS = ("aws_lambda", "cloudflare", "drizzle", "neon_driver", "node", "prisma", "vercel")
NAMES = [name for name, module in MODULES.items() if module.rpartition(".")[2] in OURS]
POOLED = HOST.replace(".us-east-2", "-pooler.us-east-2")
SOURCE = f"postgresql://app_user:pw@{HOST}/shop"
Way = tuple[str, Profile, Runtime, Role]


class Failed(Exception):
    """What a command printed that failed."""


def made(way: Way, **wish: Any) -> Output:  # noqa: ANN401
    name, profile, runtime, role = way
    return generate.generate(load(name), SOURCE, Wish(profile, runtime, role, **wish)).output


def ways() -> Iterator[Way]:
    for name in NAMES:
        yield from itertools.product([name], PROFILES, load(name).runtimes, load(name).roles)


def laid_out(folder: Path, way: Way, **wish: Any) -> Path:  # noqa: ANN401
    """A folder of its own below `folder` with the files of one output."""
    place = folder / "-".join(way)
    for file in made(way, **wish).files:
        (place / file.path).parent.mkdir(parents=True, exist_ok=True)
        (place / file.path).write_text(file.text)
    return place


def ran(words: Sequence[str], folder: Path, **variables: str) -> str:
    """What a command printed, without colours. Raises Failed with that where it failed."""
    done = subprocess.run(
        words,
        cwd=folder,
        env={**surroundings(), "HOME": str(folder), "NO_COLOR": "1", **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", done.stdout + done.stderr)
    if done.returncode:
        raise Failed(text)
    return text


def prisma(npm: Npm, place: Path, *command: str, **variables: str) -> str:
    """A command of Prisma's, without the parts that tests/node/package.json leaves out and without its engine."""
    parts, line = f"{npm.folder}/prisma_parts.cjs", f"{npm.folder}/node_modules/prisma/build/index.js"
    engine = parts  # there must be a file; it is not run
    words = ["node", "--require", parts, line, *command]
    return ran(words, place, PRISMA_SCHEMA_ENGINE_BINARY=engine, CHECKPOINT_DISABLE="1", **variables)
