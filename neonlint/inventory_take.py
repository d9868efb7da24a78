"""Reads the files of a session and makes their inventory. Every file is worked on by itself: what fails for one leaves
the others as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from neonlint.barrier import guarded
from neonlint.engine_files import Files, read_all
from neonlint.facts.roles import role_of_name
from neonlint.inventory import Endpoint, Inventory, Link, Source, User
from neonlint.inventory_narrow import narrowed, numbered
from neonlint.inventory_sources import is_source, merged, missing, source_of
from neonlint.inventory_users import Missing, Reached, not_seen, of_client_, of_command
from neonlint.ir.findings import Skip
from neonlint.ir.model import Client, Command, Connection, Extract
from neonlint.link import Project
from neonlint.records import replace
from neonlint.session import Session, around

#: What a source is known by before it has an id: the connection, or a variable's name with its place or, where nothing
#: defines it, the package that reads it.
_Key = int | tuple[str, str]


def taken(session: Session) -> Inventory:
    """See `inventory.take`."""
    project, found = _project(session)
    gathering = _Gathering(project)
    for extract in project.extracts:
        gathering.add(extract)
    whole = gathering.inventory()
    own = None if session.whole else frozenset(file.path for file in session.found.files)
    kept = whole if own is None else _around(whole, own)
    skipped = sorted({*session.found.skipped, *found.skipped, *gathering.skipped}, key=lambda s: (s.path, s.reason))
    ignored = tuple(file.path for file in session.found.files if file.ignored_env)
    return replace(numbered(kept), skipped=tuple(skipped), files=found.checked, ignored_env_files=ignored)


def _project(session: Session) -> tuple[Project, Files]:
    """Everything of the project that a session is about, and what was read of the session's own files."""
    files, others = session.found.files, around(session)
    found = read_all(session.root, files, session.config, session.given)
    found.add_context(read_all(session.root, others, session.config, {}))
    return found.project(session.config, {file.path: file.tracked for file in (*files, *others)}), found


class _Gathering:
    """Sources and users as they are found, before they are sorted and numbered."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._sources: dict[_Key, Source] = {}
        self._hosts: dict[_Key, Endpoint] = {}
        self._users: list[tuple[User, Sequence[tuple[_Key, Reached]]]] = []
        self.skipped: list[Skip] = []

    def add(self, extract: Extract) -> None:
        """Take in what one document says."""
        path = extract.document.path
        for connection in extract.connections:
            if is_source(connection):
                self._guarded(path, partial(self._add_connection, connection))
        subjects: tuple[Client | Command, ...] = (*filter(self._project.has, extract.clients), *extract.commands)
        for subject in subjects:
            self._guarded(path, partial(self._add_user, subject))

    def _guarded(self, path: str, work: Callable[[], object]) -> None:
        failed = guarded(path, work)
        if isinstance(failed, Skip):
            self.skipped.append(failed)

    def _add_connection(self, connection: Connection) -> _Key:
        key = id(connection)
        if key not in self._sources:
            source, endpoint = source_of(connection, self._project)
            self._sources[key] = source
            if endpoint is not None:
                self._hosts[key] = endpoint
        return key

    def _add_user(self, subject: Client | Command) -> None:
        found = (
            of_client_(subject, self._project) if isinstance(subject, Client) else of_command(subject, self._project)
        )
        if found is None:
            return
        user, reached = found
        if not reached:
            user = replace(user, unseen=not_seen(subject))
        self._users.append((user, [(self._key_of(one), one) for one in reached]))

    def _key_of(self, reached: Reached) -> _Key:
        target = reached.target
        if not isinstance(target, Missing):
            return self._add_connection(target)
        key = (str(target.place) if target.why else target.root, target.name)
        known = self._sources.get(key)
        if known is None or target.place < known.place:
            said = role_of_name(target.name, self._project)
            self._sources[key] = missing(target.name, target.root, target.place, target.because, target.why, said)
        return key

    def inventory(self) -> Inventory:
        """Everything sorted and numbered."""
        keys = sorted(self._sources, key=lambda key: _order(self._sources[key]))
        hosts = {key: self._hosts[key] for key in keys if key in self._hosts}
        endpoints = merged((endpoint, self._sources[key].database) for key, endpoint in hosts.items())
        names = {key: f"s{number}" for number, key in enumerate(keys)}
        sources = [
            replace(self._sources[key], id=names[key], endpoint=hosts[key].id if key in hosts else None) for key in keys
        ]
        by_id = {source.id: source for source in sources}
        users = [
            _linked(user, [Link(names[key], one.variable, one.because) for key, one in reached], by_id)
            for user, reached in self._users
        ]
        users.sort(key=lambda user: (user.place, user.tool, user.name, user.links))
        users = [replace(user, id=f"u{number}") for number, user in enumerate(users)]
        return Inventory(endpoints, tuple(sources), tuple(users))


def _order(source: Source) -> tuple[object, ...]:
    return source.place, source.standing, source.name, source.key, source.database or "", source.tls


def _linked(user: User, links: Sequence[Link], sources: dict[str, Source]) -> User:
    """A user with its links, and with the TLS level of what it opens where its own code decides none."""
    distinct = sorted({link.source: link for link in reversed(links)}.values())
    levels = {sources[link.source].tls for link in distinct}
    level = levels.pop() if user.tls == "unknown" and len(levels) == 1 else user.tls
    return replace(user, links=tuple(distinct), tls=level)


def _around(whole: Inventory, own: frozenset[str]) -> Inventory:
    """What stands in the files `own`, what that reaches and what reaches it."""
    reaching = [user for user in whole.users if user.place.path in own]
    wanted = {link.source for user in reaching for link in user.links}
    wanted |= {source.id for source in whole.sources if source.place.path in own}
    users = [u for u in whole.users if u.place.path in own or any(link.source in wanted for link in u.links)]
    return narrowed(whole, users, [source for source in whole.sources if source.id in wanted])
