"""Whom the libraries on top of pg and postgres.js believe, given a Neon URL and perhaps an ``ssl`` object beside it.

Measured with knex 3.3.0, sequelize 6.37.8, typeorm 1.1.1, slonik 46.4.0, kysely 0.28.17, MikroORM 6.6.2,
node-pg-migrate 9.0.0, pg-promise 12.7.1, Prisma's adapter 7.10.1 and drizzle-orm 0.45.4.
"""

from collections.abc import Callable
from typing import Any

import pytest
from drivers.wire import Sent, talk
from node.conftest import HOST, Certificate
from node.npm import Npm

pytestmark = pytest.mark.node

CLEAR = ["StartupMessage", "PasswordMessage"]
BELIEVED = ["SSLRequest", "TLS", "StartupMessage", "PasswordMessage"]
VERIFIED = ["SSLRequest"]
LAX = {"rejectUnauthorized": False}
NEON = "?sslmode=require&channel_binding=require"

Question = Callable[[str, object], dict[str, Any]]


def beside(url: str, ssl: object, name: str = "connectionString") -> dict[str, Any]:
    return {name: url} if ssl is None else {name: url, "ssl": ssl}


#: How each library is given a URL and an object for TLS, as its documentation shows it.
QUESTIONS: dict[str, Question] = {
    "knex": lambda url, ssl: {"config": {"connection": url if ssl is None else beside(url, ssl)}},
    "sequelize": lambda url, ssl: {"url": url, "config": {} if ssl is None else {"dialectOptions": {"ssl": ssl}}},
    "typeorm": lambda url, ssl: {"config": beside(url, ssl, "url")},
    "kysely": lambda url, ssl: {"config": beside(url, ssl)},
    "promise": lambda url, ssl: {"config": beside(url, ssl)},
    "migrate": lambda url, ssl: {"url": beside(url, ssl)},
    "prisma": lambda url, ssl: {"config": beside(url, ssl)},
    "drizzle": lambda url, ssl: {"config": {"connection": beside(url, ssl)}},
    "drizzlePostgres": lambda url, ssl: {"config": {"connection": beside(url, ssl, "url")}},
    "slonik": lambda url, ssl: {"url": url, "config": {} if ssl is None else {"ssl": ssl}},
    "mikro": lambda url, ssl: {
        "config": {"clientUrl": url} | ({} if ssl is None else {"driverOptions": {"connection": {"ssl": ssl}}})
    },
}
ON_PG = ["knex", "sequelize", "typeorm", "kysely", "promise", "migrate", "prisma", "drizzle"]


def sent_by(npm: Npm, driver: str, certificate: Certificate, query: str = "", ssl: object = None) -> Sent:
    def connect(port: int) -> None:
        npm.connect(driver, QUESTIONS[driver](f"postgresql://app:pw@{HOST}:{port}/neondb{query}", ssl))

    return talk(connect, tls=certificate.context)


@pytest.mark.parametrize("driver", [*ON_PG, "slonik"])
def test_a_neon_url_verifies(npm: Npm, driver: str, certificate: Certificate) -> None:
    """Rules: node-pg-sslmode-alias, sslmode-require-unauthenticated, channel-binding-ineffective."""
    sent = sent_by(npm, driver, certificate, NEON)
    assert (sent.kinds, sent.sni) == (VERIFIED, HOST)


@pytest.mark.parametrize("driver", list(QUESTIONS))
def test_without_a_mode_all_go_in_the_clear(npm: Npm, driver: str, certificate: Certificate) -> None:
    """Rules: sslmode-missing."""
    assert sent_by(npm, driver, certificate).kinds == CLEAR


@pytest.mark.parametrize("driver", list(QUESTIONS))
def test_an_object_alone_switches_verification_off(npm: Npm, driver: str, certificate: Certificate) -> None:
    """Rules: tls-verification-disabled."""
    assert sent_by(npm, driver, certificate, "", LAX).kinds == BELIEVED


@pytest.mark.parametrize("driver", ON_PG)
def test_on_pg_the_url_replaces_the_object(npm: Npm, driver: str, certificate: Certificate) -> None:
    """Rules: node-pg-ssl-overridden, tls-verification-disabled: beside a mode it has no effect."""
    assert sent_by(npm, driver, certificate, NEON, LAX).kinds == VERIFIED


@pytest.mark.parametrize("driver", ["slonik", "drizzlePostgres", "mikro"])
def test_elsewhere_the_object_wins(npm: Npm, driver: str, certificate: Certificate) -> None:
    """Rules: tls-verification-disabled."""
    assert sent_by(npm, driver, certificate, NEON, LAX).kinds == BELIEVED


def test_postgres_js_below_drizzle_does_not_verify(npm: Npm, certificate: Certificate) -> None:
    """Rules: postgres-js-require-unverified."""
    assert sent_by(npm, "drizzlePostgres", certificate, NEON).kinds == BELIEVED
    assert sent_by(npm, "drizzlePostgres", certificate, "?sslmode=verify-full").kinds == VERIFIED


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_prismas_adapter_verifies(npm: Npm, certificate: Certificate, mode: str) -> None:
    """Rules: prisma-unknown-sslmode (not with an adapter)."""
    assert sent_by(npm, "prisma", certificate, f"?sslmode={mode}").kinds == VERIFIED


def test_mikro_orm_ignores_the_mode_of_its_client_url(npm: Npm, certificate: Certificate) -> None:
    """Rules: sslmode-missing: MikroORM needs ``driverOptions``."""
    for mode in ("require", "verify-full", "no-verify"):
        assert sent_by(npm, "mikro", certificate, f"?sslmode={mode}").kinds == CLEAR
    assert sent_by(npm, "mikro", certificate, NEON, ssl=True).kinds == VERIFIED


def test_slonik_knows_three_modes(npm: Npm, certificate: Certificate) -> None:
    """Rules: node-pg-sslmode-alias (not for slonik: verify-full is an error there), startup-param-silently-dropped."""
    for mode in ("verify-full", "verify-ca", "prefer"):
        sent = sent_by(npm, "slonik", certificate, f"?sslmode={mode}")
        assert (sent.kinds, "invalid_value" in sent.error) == ([], True)
    assert sent_by(npm, "slonik", certificate, "?sslmode=no-verify").kinds == BELIEVED
    assert sent_by(npm, "slonik", certificate).startup["statement_timeout"] == "60000"


def test_knex_parses_urls_with_an_older_parser(npm: Npm, certificate: Certificate) -> None:
    """Rules: node-pg-uselibpqcompat-weakens: knex 3.3 brings pg-connection-string 2.6.2, which does not know it."""
    query = "?sslmode=require&uselibpqcompat=true"
    assert sent_by(npm, "knex", certificate, query).kinds == VERIFIED
    assert sent_by(npm, "drizzle", certificate, query).kinds == BELIEVED


def test_typeorm_takes_options_for_pg_in_extra(npm: Npm, certificate: Certificate) -> None:
    """Rules: tls-verification-disabled, node-pg-ssl-overridden."""

    def connect(query: str) -> Callable[[int], None]:
        url = f"postgresql://app:pw@{HOST}:{{port}}/neondb{query}"
        return lambda port: npm.connect("typeorm", {"config": {"url": url.format(port=port), "extra": {"ssl": LAX}}})

    assert talk(connect(""), tls=certificate.context).kinds == BELIEVED
    assert talk(connect(NEON), tls=certificate.context).kinds == VERIFIED


def test_node_pg_migrate_locks_the_session(npm: Npm) -> None:
    """Rules: migration-over-pooler."""
    assert npm.ask("migrate_lock", {})[0].startswith("SELECT pg_try_advisory_lock(")
    assert npm.ask("migrate_lock", {"advisoryLockMode": "wait"})[0].startswith("SELECT pg_advisory_lock(")
    assert "advisory" not in " ".join(npm.ask("migrate_lock", {"noLock": True}))


def test_what_vercel_exports(npm: Npm) -> None:
    """Rules: missing-attach-database-pool (the fix)."""
    assert "attachDatabasePool" in npm.ask("exports", ["@vercel/functions"])[0]
