"""Node, its packages and a certificate for the tests of this folder."""

import os
import shutil
import ssl
from dataclasses import dataclass
from pathlib import Path

import pytest
from node.npm import Npm, laid_out

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"


@dataclass(frozen=True)
class Certificate:
    """A certificate for `HOST` that signed itself, and a listener's context that shows it."""

    path: Path
    context: ssl.SSLContext


@pytest.fixture(scope="session")
def npm(tmp_path_factory: pytest.TempPathFactory) -> Npm:
    """The packages; without Node the tests are skipped, unless NEONLINT_REQUIRE_NODE is set: then they fail."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing and not os.environ.get("NEONLINT_REQUIRE_NODE"):
        pytest.skip(f"{' and '.join(missing)} not found (NEONLINT_REQUIRE_NODE=1 makes this a failure)")
    assert not missing, f"NEONLINT_REQUIRE_NODE is set, but {' and '.join(missing)} cannot be found"
    return laid_out(tmp_path_factory.mktemp("node"))


@pytest.fixture(scope="session")
def certificate(npm: Npm) -> Certificate:
    """Made on the fly, valid for a day."""
    made = npm.ask("certificate", {"host": HOST})
    path = npm.folder / "certificate.pem"
    path.write_text(made["cert"])
    both = npm.folder / "both.pem"
    both.write_text(made["private"] + made["cert"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return Certificate(path, context)
