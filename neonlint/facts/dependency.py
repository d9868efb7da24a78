"""Facts about one package that a manifest names."""

from __future__ import annotations

from neonlint.facts.answer import FactSpec, Known
from neonlint.facts.roles import in_tests

ECOSYSTEMS = ("npm",)

DEPENDENCY: tuple[FactSpec, ...] = (
    FactSpec("name", "str", "The package's name as its registry knows it.", lambda d, p: Known(d.name)),
    FactSpec("ecosystem", "enum", "The registry.", lambda d, p: Known(d.ecosystem), ECOSYSTEMS),
    FactSpec("version", "str", "The version or range asked for, as written.", lambda d, p: Known(d.version)),
    FactSpec("file.test", "bool", "Whether it belongs to tests, or the configuration says so.", in_tests),
)
