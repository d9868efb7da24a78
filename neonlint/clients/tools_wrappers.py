"""What stands in front of a program on a command line: `npx`, `dotenv -e .env --`, `sudo`, `docker compose run web`.

A wrapper may set variables, read env files, run the program elsewhere (in a container, on a server), or hide what it
runs in a script of the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from neonlint.clients.tools import At, flags, program
from neonlint.clients.tools_wrapping import PYTHON, WRAPPERS, Sight, Wrapper
from neonlint.records import dataclass, field
from neonlint.regex import regex

#: What holds the script that is run: `package.json`, a Makefile, a justfile, a Taskfile.
Holder = Literal["package", "make", "just", "task"]

_ASSIGNMENT = regex(r"[A-Za-z_]\w*=")
_LONGEST = 12
#: How many words may stand in front of `docker` (`sudo`, `exec`).
_BEFORE = 4

#: Words behind a package manager that are no script of the package.
_OWN_WORDS = flags(
    "install i add remove rm uninstall update up upgrade ci init publish pack link unlink audit outdated why list ls"
    " info view config cache create exec dlx x run run-script login logout whoami version pm help set get rebuild prune"
    " dedupe fund workspaces workspace node store fetch import deploy patch env setup approve-builds build-sbom"
)
#: Programs whose names are those of package scripts more often.
_SCRIPT_NAMES = flags("migrate serve task")
_RUNS = flags("run run-script rum urn")


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """Where the program itself begins, and what the wrappers in front of it said.

    `given` are the words that are assignments for it (with the character at which each begins), `files` the env files
    that are read for it, `shell` where shell text stands in its place, `scripts` the scripts that are run in its place
    and `holder` what holds them.
    """

    start: int
    given: tuple[At, ...] = ()
    files: tuple[At | str, ...] = ()
    sight: Sight = "here"
    shell: At | None = None
    scripts: tuple[str, ...] = ()
    holder: Holder = "package"
    container_files: tuple[At, ...] = field(default=())


def unwrap(words: Sequence[str | None]) -> Unwrapped:
    """Take every wrapper off a command line."""
    found = Unwrapped(0)
    for _ in range(_LONGEST):
        word = words[found.start] if found.start < len(words) else None
        if word is None:
            break
        name = program(word)
        if (scripts := _scripts(name, words, found.start)) is not None:
            return _with(found, scripts=scripts[1], holder=scripts[0])
        inner = next((i for w in WRAPPERS.get(name, ()) if (i := _inside(w, words, found)) is not None), None)
        if inner is None or inner.start == found.start:
            inner = _manager(name, words, found)
        if inner is None:
            break
        found = inner
        if found.shell is not None:
            break
    return found


def _with(found: Unwrapped, *, scripts: tuple[str, ...], holder: Holder) -> Unwrapped:
    return Unwrapped(found.start, found.given, found.files, found.sight, None, scripts, holder, found.container_files)


def _inside(wrapper: Wrapper, words: Sequence[str | None], outer: Unwrapped) -> Unwrapped | None:
    """What is behind one wrapper, None where its verb is another."""
    scan = _Scan(wrapper, words, outer.start + 1)
    if not scan.verb():
        return None
    scan.rest()
    if scan.at >= len(words) and scan.shell is None:
        return None
    sight = outer.sight if wrapper.sight == "here" else wrapper.sight
    files = (*scan.files, *outer.files)
    if wrapper.default_file and not scan.files:
        files = (wrapper.default_file, *outer.files)
    own = tuple(scan.files) if wrapper.sight == "own" else ()
    return Unwrapped(
        scan.at, (*scan.given, *outer.given), files, sight, scan.shell, container_files=outer.container_files + own
    )


class _Scan:
    """One pass over the words behind a wrapper's name."""

    def __init__(self, wrapper: Wrapper, words: Sequence[str | None], at: int) -> None:
        self.wrapper, self.words, self.at = wrapper, words, at
        self.given: list[At] = []
        self.files: list[At] = []
        self.shell: At | None = None
        self.ended = False

    def verb(self) -> bool:
        """Go behind the verb; whether it is one of this wrapper."""
        for verb in self.wrapper.verbs:
            start, wanted = self.at, verb.split()
            for want in wanted:
                self.flags()
                if self.at >= len(self.words) or self.words[self.at] != want:
                    break
                self.at += 1
            else:
                return True
            self.at = start
        return False

    def rest(self) -> None:
        """Go on to the program."""
        for _ in range(self.wrapper.operands):
            self.flags()
            self.at += 0 if self.ended else 1
        if not self.wrapper.operands or self.wrapper.dashes:
            self.flags()
        if self.wrapper.dashes and not self.ended:
            found = next((i for i in range(self.at, len(self.words)) if self.words[i] == "--"), None)
            self.at = len(self.words) if found is None else found + 1

    def flags(self) -> None:
        while self.at < len(self.words) and self.shell is None and not self.ended:
            word = self.words[self.at]
            if word == "--":
                self.at += 1
                self.ended = True
            elif word is not None and self.wrapper.assigns and _ASSIGNMENT.match(word):
                self.given.append(At(self.at))
                self.at += 1
            elif word is not None and word.startswith("-") and len(word) > 1:
                self.flag(word)
            else:
                break

    def flag(self, word: str) -> None:
        wrapper = self.wrapper
        name, equals, _ = word.partition("=")
        value = At(self.at, len(name) + 1) if equals else At(self.at + 1)
        takes = name in wrapper.valued | wrapper.files | wrapper.sets | wrapper.shell
        if name in wrapper.files and value.word < len(self.words):
            self.files.append(value)
        elif name in wrapper.sets and value.word < len(self.words):
            self.given.append(value)
        elif name in wrapper.shell and value.word < len(self.words):
            self.shell = value
        if word == "-m" and wrapper is PYTHON:
            takes = False
        self.at += 2 if takes and not equals else 1


def _manager(name: str, words: Sequence[str | None], outer: Unwrapped) -> Unwrapped | None:
    """`pnpm drizzle-kit push`, `bun --bun run drizzle-kit …`: a package manager in front of a program."""
    if name in _NODES:
        return _node(words, outer)
    if name not in ("pnpm", "yarn", "bun"):
        return None
    at = _behind_flags(words, outer.start + 1)
    if at < len(words) and words[at] == "run":
        at = _behind_flags(words, at + 1)
    if at >= len(words) or words[at] in _OWN_WORDS:
        return None
    return Unwrapped(at, outer.given, outer.files, outer.sight, container_files=outer.container_files)


_NODES = flags("node tsx ts-node")
_NODE_VALUED = flags("-r --require --import --loader --experimental-loader --max-old-space-size")


def _node(words: Sequence[str | None], outer: Unwrapped) -> Unwrapped | None:
    """`node --env-file=.env ace migration:run`: Node in front of a program that is a tool of ours."""
    at, files = outer.start + 1, []
    while at < len(words) and (word := words[at]) is not None and word.startswith("-"):
        name, equals, _ = word.partition("=")
        if name in ("--env-file", "--env-file-if-exists"):
            files.append(At(at, len(name) + 1) if equals else At(at + 1))
        at += 2 if not equals and name in _NODE_VALUED | {"--env-file"} else 1
    if at >= len(words) or (word := words[at]) is None or not _is_tool(word):
        return None
    return Unwrapped(at, outer.given, (*files, *outer.files), outer.sight, container_files=outer.container_files)


_MANAGER_VALUED = flags("--filter -F -C --dir --cwd --prefix -w --workspace --env-file --config")


def _behind_flags(words: Sequence[str | None], at: int) -> int:
    while at < len(words) and (word := words[at]) is not None and word.startswith("-"):
        bare = word == "-w" and words[at - 1] == "pnpm"  # --workspace-root there
        at += 2 if word in _MANAGER_VALUED and not bare else 1
    return at


def _scripts(name: str, words: Sequence[str | None], start: int) -> tuple[Holder, tuple[str, ...]] | None:
    """The scripts that are run in the place of a program, None where it is a program."""
    if name in ("make", "gmake", "just", "task"):
        holder: Holder = "just" if name == "just" else "task" if name == "task" else "make"
        named = [w for w in words[start + 1 :] if w and not w.startswith("-") and "=" not in w]
        return holder, tuple(named[:4])
    if name in ("run-s", "run-p", "npm-run-all", "npm-run-all2"):
        return "package", tuple(w for w in words[start + 1 :] if w and not w.startswith("-"))
    if name not in ("npm", "pnpm", "yarn", "bun", "deno"):
        return None
    at = _behind_flags(words, start + 1)
    word = words[at] if at < len(words) else None
    if word is None:
        return None
    if word in _RUNS or (name == "deno" and word == "task"):
        at = _behind_flags(words, at + 1)
        found = words[at] if at < len(words) else None
        sure = found is not None and name in ("npm", "pnpm") and "/" not in found
        return ("package", (found,)) if found is not None and (sure or _may_be_script(found)) else None
    if name == "npm" and word in ("start", "test", "t", "stop", "restart"):
        return "package", ("test" if word == "t" else word,)
    if name in ("pnpm", "yarn") and word not in _OWN_WORDS and _may_be_script(word) and not _is_tool(word):
        return "package", (word,)
    return None


def _may_be_script(word: str) -> bool:
    """`bun run src/server.ts` runs a file, `bun run drizzle-kit` a program."""
    return "/" not in word and not word.endswith((".ts", ".js", ".mjs", ".py")) and not _is_tool(word)


def _is_tool(word: str) -> bool:
    from neonlint.clients.tools_tables import TOOLS  # noqa: PLC0415 -- the tables import what this module imports

    name = program(word)
    return (name in TOOLS or name in WRAPPERS) and name not in _SCRIPT_NAMES


def container_files(words: Sequence[str | None]) -> tuple[At, ...]:
    """Where the env files stand that `docker run --env-file` reads, which knows no quotes."""
    names = ("docker", "podman", "nerdctl")
    begin = next((at for at, word in enumerate(words[:_BEFORE]) if word and program(word) in names), None)
    if begin is None or not ({"run", "create"} & set(words[begin + 1 : begin + 3])) or words[begin + 1] == "compose":
        return ()
    found = []
    for at, word in enumerate(words[begin:], begin):
        if word == "--env-file" and at + 1 < len(words):
            found.append(At(at + 1))
        elif word is not None and word.startswith("--env-file="):
            found.append(At(at, len("--env-file=")))
    return tuple(found)
