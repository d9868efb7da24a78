"""Generated code, laid out in a folder and run as it is: what it reads is set, and Neon's host is the loopback's.

Knows no target. `Laid` holds what was generated with its password; `meet` leads libpq and asyncpg to a listener that
shows what they send, without a change to the code: the host's name stays, as it does where DNS says the address.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import certifi
import pytest
import trustme
from dotenv import dotenv_values
from drivers.wire import ASK_SASL, Sent, talk

from neonlint import generate
from neonlint.generate import Wish
from neonlint.targets import load
from neonlint.targets.model import Profile, Role, Runtime

DIRECT = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
POOLED = "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech"
#: With every mark that some reader of URLs, dotenv files or password files takes for its own.
PASSWORD = "npg_Zq8r:T5@v/W\\2x%Yk#?&$HOME+'=~"
ENCODED = "npg_Zq8r%3AT5%40v%2FW%5C2x%25Yk%23%3F%26%24HOME%2B%27%3D~"
SOURCE = f"postgresql://app_user:{ENCODED}@{DIRECT}/shop"
CLEAR_STEPS = ["SSLRequest"]
STEPS = ["SSLRequest", "TLS", "StartupMessage", "PasswordMessage"]
_modules = itertools.count()


@dataclass(frozen=True)
class Authority:
    """A certificate authority that nobody trusts but who is told to, and a server's TLS under it."""

    bundle: Path
    server: ssl.SSLContext


def authority(folder: Path, *hosts: str) -> Authority:
    """A new one, with a certificate for these host names."""
    made, server = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.cert_pem.write_to_path(folder / "ca.pem")
    made.issue_cert(*hosts).configure_cert(server)
    return Authority(folder / "ca.pem", server)


@pytest.fixture(scope="session")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One that has signed a certificate for both of Neon's hosts."""
    return authority(tmp_path_factory.mktemp("ca"), DIRECT, POOLED)


@dataclass(frozen=True)
class Laid:
    """A generated configuration in `folder`, the variables that it reads (with the password), and its plan's choices."""

    folder: Path
    files: dict[str, str]
    variables: dict[str, str]

    def module(self, path: str = "") -> ModuleType:
        """One of its files (else the first), imported anew."""
        place = self.folder / (path or next(iter(self.files)))
        spec = importlib.util.spec_from_file_location(f"generated_{next(_modules)}", place)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # pydantic and FastAPI look annotations up there
        spec.loader.exec_module(module)
        return module


def lay(
    folder: Path,
    name: str,
    profile: Profile = "baseline",
    runtime: Runtime | None = None,
    role: Role | None = None,
    wish: Wish | None = None,
) -> Laid:
    """Generate, and write what was generated; the variables are read from the dotenv file as programs read it."""
    asked = (wish or Wish())._replace(profile=profile, runtime=runtime, role=role, with_secret=True)
    made = generate.generate(load(name), SOURCE, asked)
    assert not made.findings
    files = {file.path: file.text for file in made.output.files}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
        (folder / path).chmod(0o600)
    values = dotenv_values(folder / ".env", interpolate=False) if ".env" in files else {}
    return Laid(folder, files, {key: value for key, value in values.items() if value is not None})


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No variable that a driver would read, and an empty home; undone at the end of the test."""
    for key in [key for key in os.environ if key.startswith(("PG", "SSL_CERT_", "DATABASE_URL"))]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


def meet(
    laid: Laid,
    connect: Callable[[Laid], object],
    monkeypatch: pytest.MonkeyPatch,
    tls: bytes | ssl.SSLContext,
    trusted: Path | None = None,
) -> Sent:
    """What the generated code sends on its way to the database; `trusted` is the bundle of roots that Python and the
    code know, else theirs is an authority that has signed nothing."""

    def go(port: int) -> None:
        with monkeypatch.context() as patch:
            lead(laid, patch, port, trusted)
            connect(laid)

    return talk(go, tls=tls, ask=ASK_SASL)


def lead(laid: Laid, patch: pytest.MonkeyPatch, port: int, trusted: Path | None) -> None:
    """Set the variables, lead both hosts to a port of the loopback, and set the roots that are trusted."""
    for name, value in laid.variables.items():
        patch.setenv(name, value.replace(".neon.tech/", f".neon.tech:{port}/"))
    patch.setenv("PGHOSTADDR", "127.0.0.1")
    patch.setenv("PGPORT", str(port))
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 -- as the one that it stands for
        return real("127.0.0.1" if host in (DIRECT, POOLED) else host, *rest, **more)

    patch.setattr(socket, "getaddrinfo", resolve)
    if trusted is not None:
        patch.setattr(certifi, "where", lambda: str(trusted))
        patch.setenv("SSL_CERT_FILE", str(trusted))


@contextmanager
def on_path(folder: Path) -> Iterator[None]:
    """The folder on Python's path."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
