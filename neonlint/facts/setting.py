"""Facts about one setting outside every client: what it is, whether it is for development, and whom it concerns."""

from __future__ import annotations

from neonlint.extract_settings import NODE_SWITCH
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.drivers_node import is_node
from neonlint.facts.roles import declared_of_file, in_tests, is_test
from neonlint.ir.findings import Reason
from neonlint.ir.model import Setting
from neonlint.link import Project
from neonlint.regex import regex

NAMES = (NODE_SWITCH, "useSecureWebSocket", "fetchEndpoint", "wsProxy", "fetchConnectionCache")
_LOCAL = regex(rb"localhost|127\.0\.0\.1|localtest\.me|host\.docker\.internal|0\.0\.0\.0|\[::1\]")
_DEVELOPMENT = regex(
    r"(?:^|[._/:-])(?:dev|develop|development|debug|tests?|testing|local|e2e|ci|storybook|seed)(?=[._/:-]|$)"
)


def _weakens(setting: Setting, project: Project) -> Answer:
    """Whether its value is one that takes protection away; false where the value is not literal."""
    if setting.name == NODE_SWITCH:
        return Known(not isinstance(setting.value, bool) and str(setting.value) == "0")
    if setting.name == "useSecureWebSocket":
        return Known(setting.value is False)
    text = setting.value if isinstance(setting.value, str) else ""
    return Known(setting.name == "fetchEndpoint" and text.startswith("http://"))


def _development(setting: Setting, project: Project) -> Answer:
    """Whether the file or the key that holds it is named for development or tests, or its file is declared for them."""
    said = declared_of_file(setting.document.path, project)
    if said is not None and said.value == "test":
        return Known(True, said.because)
    return Known(_DEVELOPMENT.search(setting.document.path) is not None or _DEVELOPMENT.search(setting.key) is not None)


def _local(setting: Setting, project: Project) -> Answer:
    """Whether its file names a host of this machine: settings of Neon's driver for a local proxy stand together."""
    return Known(_LOCAL.search(setting.document.data) is not None)


def _from_nine(setting: Setting, project: Project) -> Answer:
    """Whether the project admits versions 0.9 and newer of Neon's serverless driver only."""
    found = project.requirement("@neondatabase/serverless", setting.document.path, ecosystem="npm")
    answer = found.at_least(0, 9) if found is not None else None
    if found is None or answer is None:
        return Unseen("the version of the driver is not seen")
    return Known(answer, (Reason(f"{found.path} names @neondatabase/serverless"),))


def _reaches_neon(setting: Setting, project: Project) -> Answer:
    """Whether it concerns connections to Neon: by what it is, or (inferred) because the package names a Neon host."""
    if setting.name != NODE_SWITCH:
        return Known(True)
    spot = project.shows_neon(setting.document.path)
    if spot is None:
        return Known(False)
    return Known(True, (project.reason("the project names a Neon host in", spot.document, spot.span, inferred=True),))


def _reaches_node(setting: Setting, project: Project) -> Answer:
    """Whether JavaScript of its package connects to Postgres."""
    if setting.name != NODE_SWITCH:
        return Known(True)
    own, above = project.root_of(setting.document.path), set(project.roots_above(setting.document.path))
    for client in project.clients:
        path = client.document.path
        root = project.root_of(path)
        if is_node(client) and not is_test(path, project) and (root in above or not own or root.startswith(f"{own}/")):
            opens = project.reason(f"{client.library} connects in", client.document, client.name_span, inferred=True)
            return Known(True, (opens,))
    return Known(False)


SETTING: tuple[FactSpec, ...] = (
    FactSpec("name", "enum", "Its name.", lambda s, p: Known(s.name), NAMES),
    FactSpec("weakens", "bool", "Whether its value takes protection away.", _weakens),
    FactSpec("guarded", "bool", "Whether code sets it on a condition.", lambda s, p: Known(s.guarded)),
    FactSpec("development", "bool", "Whether its file or key is for development or tests.", _development),
    FactSpec("host.local", "bool", "Whether its file names a host of this machine.", _local),
    FactSpec("entry", "bool", "Whether it is written as an entry of its own.", lambda s, p: Known(s.entry is not None)),
    FactSpec("neon_driver.from_nine", "bool", "Whether Neon's serverless driver is 0.9 or newer.", _from_nine),
    FactSpec("reaches.neon", "bool", "Whether it concerns connections to Neon.", _reaches_neon),
    FactSpec("reaches.node", "bool", "Whether JavaScript that it concerns connects to Postgres.", _reaches_node),
    FactSpec("file.test", "bool", "Whether the file belongs to tests, or the configuration says so.", in_tests),
)
