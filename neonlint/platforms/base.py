"""What platform tables are made of: signs of a runtime, versions of Node.js, regions. Knows no file and no rule."""

from __future__ import annotations

from typing import Literal, NamedTuple

from neonlint.ir.source import Span

Runtime = Literal["serverless", "edge", "long-lived", "browser"]
RUNTIMES: tuple[Runtime, ...] = ("serverless", "edge", "long-lived", "browser")
Language = Literal["python", "javascript"]
#: Whose machines code runs on, where a rule must know: what an edge runtime can do differs from one to the next.
Host = Literal["", "vercel", "cloudflare", "netlify", "deno", "supabase", "aws", "other"]
HOSTS: tuple[Host, ...] = ("vercel", "cloudflare", "netlify", "deno", "supabase", "aws", "other")


class Sign(NamedTuple):
    """One thing that tells the runtime of code of one language, and the sentence that says so.

    A `weak` sign (`uvicorn.run(app)`, often there for development only) counts where no other sign speaks. One with
    `code_in` counts only where the folder of that name beside the file holds code of its language, one with `packages`
    only where the `package.json` beside it names one of them. A `shared` one speaks for the package's code beside and
    below it too, the others for their own file. One with `main` (a path of the project) speaks for that file, for what
    lies below its folder and for what these import.
    """

    runtime: Runtime
    because: str
    weak: bool = False
    code_in: str = ""
    shared: bool = True
    language: Language = "python"
    host: Host = ""
    main: str = ""
    packages: tuple[str, ...] = ()


class NodeVersion(NamedTuple):
    """A major version of Node.js that a file names: exactly this one, or where not `exact` at least this one. `place`
    is the file and where it says so."""

    major: int
    exact: bool
    because: str
    place: tuple[str, Span]


class Region(NamedTuple):
    """A place where a file puts code: the name that the platform has for it, and the metropolitan area (see
    `platforms.regions`), "" where that is not known."""

    name: str
    metro: str
    because: str
    place: tuple[str, Span]


class Told(NamedTuple):
    """What one file says about where code runs. `packages` are those of a `package.json` that signs ask about,
    `compat` whether a wrangler configuration switches on what drivers need, None for other files, and `bun` whether a
    package is started with Bun instead of Node.js."""

    signs: tuple[Sign, ...] = ()
    node: tuple[NodeVersion, ...] = ()
    regions: tuple[Region, ...] = ()
    packages: frozenset[str] = frozenset()
    compat: bool | None = None
    bun: bool = False


#: How many versions or regions of one file are looked at.
MOST = 50


def row(data: bytes, at: int) -> int:
    """The 1-based row of byte `at`."""
    return data.count(b"\n", 0, at) + 1
