"""The fixtures of the targets' tests: Node, a certificate, the files of the targets whose output runs there, and those of
`command` and `running`."""

import shutil
from pathlib import Path

import pytest
from node.conftest import certificate, npm
from node.npm import Npm
from targets.built import laid_out, prisma, ways
from targets.command import generate
from targets.running import alone, trusted

from neonlint.sizing import Compute
from neonlint.targets.model import PROFILES

__all__ = ["alone", "certificate", "generate", "npm", "trusted"]


@pytest.fixture(scope="session")
def folder(npm: Npm) -> Path:
    """Every output, each in its folder, with the clients that Prisma generates."""
    root = npm.folder / "generated"
    for way in ways():
        place = laid_out(root, way, compute=Compute(0.25, 2), workers=4)
        if way[0] == "prisma" and way[1] == PROFILES[0]:
            assert "Generated Prisma Client" in prisma(npm, place, "generate"), "no secret is there at build time"
        elif way[0] == "prisma":  # the schema of both profiles is the same
            other = root / "-".join((way[0], PROFILES[0], *way[2:]))
            shutil.copytree(other / "src/generated", place / "src/generated")
    return root
