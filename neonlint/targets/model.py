"""What a generator target is given, and what it gives back. Knows no target."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args
from urllib.parse import quote

from neonlint.ir.endpoint import with_pooler
from neonlint.records import dataclass, field, replace

Profile = Literal["baseline", "strict"]
Runtime = Literal["server", "serverless", "edge"]
Role = Literal["app", "migrate", "admin"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
RUNTIMES: tuple[Runtime, ...] = get_args(Runtime)
ROLES: tuple[Role, ...] = get_args(Role)

#: What stands for the password wherever it is not asked for; `Secret.template` knows it as such.
NO_PASSWORD = "<password>"  # noqa: S105 -- the opposite of one
POOLED, DIRECT = "DATABASE_URL", "DATABASE_URL_UNPOOLED"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Link:
    """One way to reach the database: through the pooler or past it. `params` have libpq's names and values.

    `password` is decoded text: the real one only if it is to be written, else `NO_PASSWORD`.
    """

    host: str
    user: str
    password: str
    database: str
    port: int | None = None
    params: Mapping[str, str] = field(default_factory=dict)

    def through_pooler(self, pooled: bool) -> Link:
        """The same database through the pooler, or past it."""
        return replace(self, host=with_pooler(self.host, pooled))

    def with_params(self, **values: str | None) -> Link:
        """With these parameters set; None takes one away. New ones stand last."""
        changed = {**self.params, **values}
        return replace(self, params={name: value for name, value in changed.items() if value is not None})

    def only(self, *names: str) -> Link:
        """With no other parameters than these."""
        return replace(self, params={name: self.params[name] for name in names if name in self.params})

    def url(self, scheme: str = "postgresql") -> str:
        """The connection URL, percent-encoded as libpq, urllib and WHATWG readers all understand it."""
        password = self.password if self.password == NO_PASSWORD else quote(self.password, safe="-._~")
        port = "" if self.port is None else f":{self.port}"
        query = "&".join(f"{name}={quote(value, safe='/-._~:,@')}" for name, value in self.params.items())
        user, database = quote(self.user, safe="-._~"), quote(self.database, safe="-._~")
        return f"{scheme}://{user}:{password}@{self.host}{port}/{database}" + (f"?{query}" if query else "")


class Pool(NamedTuple):
    """What a client-side pool should be told. Times are in seconds. `why` is the arithmetic behind `size`, a sentence a
    line, for a comment; empty where the compute's size is not known."""

    size: int
    idle: int
    recycle: int
    connect_timeout: int
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Plan:
    """Everything that decides what is generated."""

    pooled: Link
    direct: Link
    profile: Profile
    runtime: Runtime
    role: Role
    pool: Pool

    @property
    def strict(self) -> bool:
        """Whether the server's certificate must be verified."""
        return self.profile == "strict"

    @property
    def app(self) -> bool:
        """Whether it is for the application, which goes through the pooler; migrations and people go past it."""
        return self.role == "app"

    @property
    def link(self) -> Link:
        """The way that the asked-for role goes."""
        return self.pooled if self.app else self.direct

    @property
    def variable(self) -> str:
        """The environment variable that holds that way's URL."""
        return POOLED if self.app else DIRECT


class File(NamedTuple):
    """One generated file: a relative path with forward slashes and its text. `private` files may hold the password and
    are written for their owner alone."""

    path: str
    text: str
    private: bool = False


class Variable(NamedTuple):
    """One environment variable that the files read, with its value (it may hold the password) and what it is."""

    name: str
    value: str
    about: str = ""


class Output(NamedTuple):
    """What a target gives: its files, the main one first; the environment variables that they read; and what is left to
    do, a sentence each."""

    files: tuple[File, ...]
    variables: tuple[Variable, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Target:
    """One thing that neonlint can write the configuration of.

    `render` is pure. `runtimes` and `roles` are those that it can serve, the usual one first; `refusals` says for each
    other one, in a sentence, why not and which target to take instead. `needs` are the packages and versions that the
    output relies on, `references` where its facts come from (https, Neon's page first).
    """

    name: str
    title: str
    summary: str
    render: Callable[[Plan], Output]
    references: Sequence[str]
    runtimes: Sequence[Runtime] = ("server",)
    roles: Sequence[Role] = ROLES
    refusals: Mapping[str, str] = field(default_factory=dict)
    needs: Sequence[str] = ()
