"""Measures neonlint side by side with other tools in one run and prints ratios.

    python benchmarks/run.py [--files 10000] [--rounds 5]

The tree is made up: 1 % of the files speak about a database, the others are ordinary source, prose and data; beside
them stand 20,000 lines of TypeScript as people write it, a tenth of its files with a pool.
Compared are a whole-tree run with `rg -l` for the same byte patterns and with detect-secrets, and a run on one
dotenv file, alone in its repository, with `python -c pass` of the same interpreter; a run on one dotenv file of the
tree, as a hook makes it, with the whole-tree run; and these runs with those that a cache of an earlier run, or one
process alone, makes of them. Byte-compiled modules are kept, as an installer keeps them.
Commands take turns, so that a drift of the machine's speed meets all of them alike; medians are printed.
ripgrep and detect-secrets must be on PATH; what is missing is said and left out.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from neonlint.formats.claims import NEEDLES

WORDS = ["alpha", "beta", "gamma", "delta", "index", "value", "result", "record", "handle", "window", "layer", "branch"]
HOST = "ep-cool-rain-{:08x}.us-east-2.aws.neon.tech"


def main() -> int:
    """Make the tree, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")
        make_tree(root, options.files)
        make_typescript(root / "web", 20_000)
        subprocess.run(["git", "-C", str(root), "add", "-A"], check=True)
        time.sleep(2.1)  # the cache remembers nothing that is newer
        tree = measure(tree_commands(), root, options.rounds)
        alone = make_alone(Path(folder) / "alone")
        one = measure(one_file_commands(alone, ".env"), alone, options.rounds * 2)
        path = next(root.rglob(".env.*")).relative_to(root).as_posix()
        hook = measure(neonlint_commands(path), root, options.rounds)
        print(f"{options.files} files, {options.rounds} rounds, {os.cpu_count()} processors, Python {sys.version[:6]}")
        report("whole tree", tree, {"rg": 8.0, "detect-secrets": 1 / 30})
        report("one dotenv file", one, {"python -c pass": 8.0})
        share = statistics.median(hook["neonlint"]) / statistics.median(tree["neonlint"])
        print(f"one dotenv file of the tree, with the whole project as its context: {share:.2f} of a whole-tree run")
        report("one dotenv file of the tree", hook, {})
        print(f"peak memory of the whole-tree run: {peak_memory(root):.0f} MB (aim: below 150)")
    return 0


def make_tree(root: Path, count: int) -> None:
    """Write `count` files, 1 % of them relevant, into a new git repository."""
    chance = random.Random(20)  # the same tree every time
    for number in range(count):
        folder = root / f"pkg{number % 100:02}" / f"part{number % 7}"
        folder.mkdir(parents=True, exist_ok=True)
        name, text = relevant(number, chance) if number % 100 == 0 else ordinary(number, chance)
        (folder / name).write_text(text)
    subprocess.run(["git", "init", "-q", str(root)], check=True)


def make_typescript(folder: Path, lines: int) -> None:
    """Write TypeScript modules of 100 lines or so below `folder` until there are `lines`."""
    chance = random.Random(21)
    written = number = 0
    while written < lines:
        text = typescript(number, chance)
        path = folder / f"part{number % 12}" / f"module{number}.{'tsx' if number % 5 == 0 else 'ts'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        written += text.count("\n")
        number += 1


def typescript(number: int, chance: random.Random) -> str:
    """One module: imports, types, functions; every tenth opens connections to Neon."""
    lines = ["import { z } from 'zod'", f"import {{ logger }} from '../part{number % 12}/logger'", ""]
    if number % 10 == 0:
        lines += [
            "import { Pool } from 'pg'",
            "",
            "export const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 5 })",
            "pool.on('error', (error) => logger.warn(error.message))",
            "",
        ]
    for part in range(8):
        one, two, three = chance.sample(WORDS, 3)
        lines += [
            f"export interface {one.title()}{part} {{",
            f"  {two}: string",
            f"  {three}: number | undefined",
            "}",
            "",
            f"export async function {one}{part}({two}: {one.title()}{part}, limit = {chance.randrange(9)}) {{",
            f"  const {three} = {two}.{two}?.trim() ?? `none of ${{limit}}`",
            f"  if ({three}.length > limit) logger.info('{two} is long', {{ {three}, limit }})",
            f"  return z.object({{ {three}: z.string() }}).parse({{ {three} }})",
            "}",
            "",
        ]
    return "\n".join(lines) + "\n"


def ordinary(number: int, chance: random.Random) -> tuple[str, str]:
    """A file that says nothing about a database."""
    suffix = chance.choice([".py", ".py", ".ts", ".md", ".json", ".yaml", ".toml", ".txt"])
    lines = [" ".join(chance.choices(WORDS, k=8)) for _ in range(chance.randrange(20, 120))]
    if suffix == ".py":
        lines = [f"{chance.choice(WORDS)}_{i} = '{line}'" for i, line in enumerate(lines)]
    elif suffix in (".yaml", ".toml"):
        joint = ": " if suffix == ".yaml" else " = "
        lines = [f'k{i}{joint}"{line}"' for i, line in enumerate(lines)]
    elif suffix == ".json":
        lines = ["[", ",\n".join(f'"{line}"' for line in lines), "]"]
    return f"f{number}{suffix}", "\n".join(lines) + "\n"


def relevant(number: int, chance: random.Random) -> tuple[str, str]:
    """A file that connects to Neon in one way or another."""
    url = f"postgresql://app:pw@{HOST.format(number)}/db?sslmode=require&channel_binding=require"
    return chance.choice(
        [
            (f".env.{number}", f"NAME=x\nDATABASE_URL={url}\n"),
            (f"db{number}.py", f'import os\nfrom sqlalchemy import create_engine\n\nengine = create_engine("{url}")\n'),
            (f"compose{number}.yaml", f"services:\n  web:\n    environment:\n      DATABASE_URL: {url}\n"),
            (f"conf{number}.toml", f'[db]\nurl = "{url}"\n'),
        ]
    )


def tree_commands() -> Mapping[str, Sequence[str]]:
    """The commands that read the whole tree."""
    needles = sorted({needle.decode() for found in NEEDLES.values() for needle in found})
    patterns = [word for needle in needles for word in ("-e", needle)]
    return {
        **neonlint_commands("."),
        "rg": ["rg", "-l", "-i", "-F", *patterns, "."],
        "detect-secrets": ["detect-secrets", "scan", "--all-files", "."],
    }


def neonlint_commands(path: str) -> Mapping[str, Sequence[str]]:
    """Runs on `path`; those with a cache find the one of the round before."""
    command = [sys.executable, "-m", "neonlint", "check", "--exit-zero", "-q"]
    return {
        "neonlint": [*command, "--no-cache", path],
        "neonlint, warm cache": [*command, path],
        "neonlint, one process": [*command, "--no-cache", "--jobs=1", path],
        "neonlint, one process, warm cache": [*command, "--jobs=1", path],
    }


def make_alone(folder: Path) -> Path:
    """A repository of one dotenv file: what a run costs before any other file is looked at."""
    folder.mkdir()
    (folder / ".env").write_text(f"DATABASE_URL=postgresql://app:pw@{HOST.format(1)}/db?sslmode=require\n")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "add", "-A"], check=True)
    return folder


def one_file_commands(place: Path, path: str) -> Mapping[str, Sequence[str]]:
    """The commands that read one file of `place` or none."""
    assert (place / path).is_file()
    return {
        "neonlint": [sys.executable, "-m", "neonlint", "check", "--exit-zero", "-q", path],
        "python -c pass": [sys.executable, "-c", "pass"],
    }


def measure(commands: Mapping[str, Sequence[str]], root: Path, rounds: int) -> Mapping[str, list[float]]:
    """Wall-clock seconds of each command, in turn; the first round warms up and does not count."""
    here = {name: command for name, command in commands.items() if shutil.which(command[0])}
    for missing in commands.keys() - here.keys():
        print(f"{missing} is not installed; left out", file=sys.stderr)
    found: dict[str, list[float]] = {name: [] for name in here}
    for turn in range(rounds + 1):
        for name, command in here.items():
            if name == "detect-secrets" and turn > 2:
                continue
            started = time.perf_counter()
            subprocess.run(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            if turn:
                found[name].append(time.perf_counter() - started)
    return found


def report(title: str, found: Mapping[str, list[float]], aims: Mapping[str, float]) -> None:
    """Print medians and ratios."""
    ours = statistics.median(found["neonlint"])
    print(f"{title}: neonlint {ours * 1000:.0f} ms")
    for name, seconds in found.items():
        theirs = statistics.median(seconds)
        if name.startswith("neonlint,"):
            print(f"  {name.removeprefix('neonlint, ')}: {theirs * 1000:.0f} ms, {theirs / ours:.2f} of its time")
        elif name != "neonlint":
            aim = aims[name]
            said = f"{ours / theirs:.1f} times its time" if aim >= 1 else f"{theirs / ours:.0f} times as fast"
            wanted = f"at most {aim:.0f} times" if aim >= 1 else f"at least {1 / aim:.0f} times as fast"
            print(f"  {name}: {theirs * 1000:.0f} ms; neonlint takes {said} (aim: {wanted})")


def peak_memory(root: Path) -> float:
    """Megabytes of the largest process of a whole-tree run."""
    code = (
        "import os, resource, subprocess, sys;"
        "subprocess.run([sys.executable, '-m', 'neonlint', 'check', '--exit-zero', '-q', '--no-cache', '.'],"
        " stdout=subprocess.DEVNULL, check=False);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    assert resource.RUSAGE_CHILDREN
    return int(run.stdout) / unit


if __name__ == "__main__":
    sys.exit(main())
