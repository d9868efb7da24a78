"""The surroundings in which the drivers are asked: an empty home and no variable that they would read."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No ``PG*`` and ``SSL_CERT_*`` variables, and a home without ``.postgresql``, ``.pgpass`` and service file."""
    for name in [name for name in os.environ if name.startswith(("PG", "SSL_CERT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path
