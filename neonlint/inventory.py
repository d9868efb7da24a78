"""What connects to what in a project: endpoints, the places that name them, and the code and commands that use these.

An inventory holds no password and nothing that stands for one. What could not be seen is there and says so: a
variable that nothing defines is a source, its endpoint is None. `inventory_take` makes it, `inventory_narrow` leaves
out what most readers do not ask for; `report.map_*` draw it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from neonlint.ir.findings import Skip
from neonlint.records import dataclass, field

if TYPE_CHECKING:
    from neonlint.session import Session

#: How an endpoint is reached: through Neon's pooler, past it; `unknown` where that is not seen or means nothing.
Route: TypeAlias = Literal["pooled", "direct", "unknown"]
#: Where an endpoint is: a Neon compute, a Neon host that no client connects to, this machine or a container beside it,
#: another server, a name to be replaced, or not seen.
Where: TypeAlias = Literal["neon", "neon-other", "local", "other", "placeholder", "unseen"]
#: How a connection is protected, weakest first. `optional` falls back to plain text; `bound` checks the server by
#: channel binding, `verified` by its certificate and name. `unknown` is not the weakest, it is not seen.
Tls: TypeAlias = Literal["none", "optional", "encrypted", "bound", "verified", "unknown"]
#: Why a source says something: it is written, it is defined with a value that is not seen, or nothing defines it.
Standing: TypeAlias = Literal["written", "unseen", "undefined"]
#: What keeps a source or user from being the application's own; "" for the application.
Sample: TypeAlias = Literal["", "example", "test", "docs"]
#: How a user opens connections.
Kind: TypeAlias = Literal["pool", "single", "engine", "settings", "command"]
Runtime: TypeAlias = Literal["serverless", "edge", "long-lived", "browser", "unknown"]


class Place(NamedTuple):
    """A line of a file of the project; `row` is 1-based."""

    path: str
    row: int

    def __str__(self) -> str:
        return f"{self.path}:{self.row}"


class Because(NamedTuple):
    """One thing that a statement rests on, and whether it was inferred rather than declared."""

    text: str
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One host. `id` is unique in its inventory; `host` is as written, with `…` for what is not literal there.

    `compute` is the endpoint id without `-pooler`: the pooled and the direct host of one compute have the same.
    """

    id: str
    host: str
    where: Where
    compute: str | None = None
    route: Route = "unknown"
    region: str | None = None
    cloud: str | None = None
    databases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One place that says how to reach a database, or (`undefined`) the name of a variable that nothing defines.

    `name` is the variable, setting or key that holds it, "" where there is none; `place` is where it is written, of an
    undefined variable where it is first read. `endpoint` is the id of one, None where its host is not seen, and then
    `endpoint_why` says why; else `because` says how the host is known. `environment` is where it holds
    (`production`), "" everywhere. `role` is what it is for, None where nothing says so; `user` the database role.
    `fallback` says that it counts only where its variable is not set.
    """

    id: str
    name: str
    key: str
    place: Place
    standing: Standing
    endpoint: str | None = None
    endpoint_why: str = ""
    route: Route = "unknown"
    role: str | None = None
    user: str | None = None
    database: str | None = None
    environment: str = ""
    tls: Tls = "unknown"
    tls_because: tuple[Because, ...] = ()
    role_because: tuple[Because, ...] = ()
    because: tuple[Because, ...] = ()
    sample: Sample = ""
    fallback: bool = False

    @property
    def certain(self) -> bool:
        """Whether where it leads and how it is protected were not inferred."""
        return not any(reason.inferred for reason in (*self.because, *self.tls_because))


class Link(NamedTuple):
    """That a user reaches a source: the variable that it reads, "" where there is none, and why that is believed."""

    source: str
    variable: str = ""
    because: tuple[Because, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether nothing on the way was inferred."""
        return not any(reason.inferred for reason in self.because)


@dataclass(frozen=True, slots=True)
class User:
    """One place that opens connections: a call or a setting of a library, or a command.

    `tool` is the library (`pg`, `sqlalchemy`) or the program (`psql`), `driver` what speaks to the server where that is
    another name, `name` the variable or setting that holds it, of a command the words that are run. `largest` is how
    many connections it holds at most: 1 without a pool, None where that is not seen. `links` is empty where what it
    opens is not seen, `unseen` then says why. `tls` is what it makes of TLS.
    """

    id: str
    tool: str
    name: str
    kind: Kind
    place: Place
    driver: str | None = None
    role: str | None = None
    runtime: Runtime = "unknown"
    runtime_because: tuple[Because, ...] = ()
    largest: int | None = None
    over_http: bool = False
    tls: Tls = "unknown"
    links: tuple[Link, ...] = ()
    unseen: str = ""
    sample: Sample = ""

    @property
    def certain(self) -> bool:
        """Whether what it reaches and where it runs were not inferred."""
        return all(link.certain for link in self.links) and not any(reason.inferred for reason in self.runtime_because)


@dataclass(frozen=True)  # without slots, for the maps that it keeps
class Inventory:
    """Everything, sorted. `skipped` are the files that were not read, or not understood, `files` how many were."""

    endpoints: tuple[Endpoint, ...] = ()
    sources: tuple[Source, ...] = ()
    users: tuple[User, ...] = ()
    skipped: tuple[Skip, ...] = ()
    files: int = 0
    ignored_env_files: Sequence[str] = field(default=())

    @cached_property
    def _endpoints(self) -> Mapping[str, Endpoint]:
        return {endpoint.id: endpoint for endpoint in self.endpoints}

    @cached_property
    def _sources(self) -> Mapping[str, Source]:
        return {source.id: source for source in self.sources}

    @cached_property
    def _users(self) -> Mapping[str, Sequence[User]]:
        found: dict[str, list[User]] = defaultdict(list)
        for user in self.users:
            for link in user.links:
                found[link.source].append(user)
        return found

    def endpoint(self, id_: str | None) -> Endpoint | None:
        """The endpoint with this id."""
        return None if id_ is None else self._endpoints.get(id_)

    def source(self, id_: str) -> Source:
        """The source with this id. Raises KeyError."""
        return self._sources[id_]

    @cached_property
    def _named(self) -> Mapping[str | None, Sequence[Source]]:
        found: dict[str | None, list[Source]] = defaultdict(list)
        for source in self.sources:
            found[source.endpoint].append(source)
        return found

    def sources_at(self, endpoint: Endpoint | None) -> tuple[Source, ...]:
        """The sources that lead to an endpoint; None stands for what leads nowhere that is seen."""
        return tuple(self._named.get(endpoint.id if endpoint is not None else None, ()))

    def users_of(self, source: Source) -> tuple[User, ...]:
        """The users that reach a source."""
        return tuple(self._users.get(source.id, ()))

    def reached_by(self, user: User) -> tuple[Source, ...]:
        """The sources that a user reaches."""
        return tuple(self.source(link.source) for link in user.links)


def take(session: Session) -> Inventory:
    """Read the files of `session` and say what connects to what.

    Where it is about a part of a project, the rest is read too, and what is not linked to that part is left out.
    """
    from neonlint.inventory_take import taken  # noqa: PLC0415 -- who draws an inventory needs no reader

    return taken(session)
