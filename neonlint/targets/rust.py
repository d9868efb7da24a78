"""Rust: SQLx.

SQLx cannot bind the channel, so that encryption alone would not keep others out: it verifies in either profile.
"""

from __future__ import annotations

from neonlint.records import replace
from neonlint.targets.model import File, Link, Output, Plan, Target
from neonlint.targets.text import url_variables, why


def _sqlx(plan: Plan) -> Output:
    verified = replace(plan, pooled=_verified(plan.pooled), direct=_verified(plan.direct))
    texts = {"app": _pool, "migrate": _migrate, "admin": _connect}
    return Output((File("src/database.rs", texts[plan.role](plan)),), url_variables(verified))


def _verified(link: Link) -> Link:
    return link.with_params(sslmode="verify-full", channel_binding=None, sslrootcert=None)


def _pool(plan: Plan) -> str:
    return f"""\
use std::{{env, time::Duration}};

use sqlx::postgres::{{PgPool, PgPoolOptions}};

/// The pool of the whole process; its clones are the same pool. It tests each connection that it
/// hands out.
pub async fn pool() -> Result<PgPool, Box<dyn std::error::Error + Send + Sync>> {{
    // SQLx cannot bind the channel; sslmode=verify-full in the URL is what keeps others out.
    let url = env::var("{plan.variable}")?;
    let pool = PgPoolOptions::new()
{why(plan, "//", 8)}\
        .max_connections({plan.pool.size})
        .idle_timeout(Duration::from_secs({plan.pool.idle}))
        .max_lifetime(Duration::from_secs({plan.pool.recycle}))
        // A suspended compute takes its time to wake up.
        .acquire_timeout(Duration::from_secs({plan.pool.connect_timeout}))
        .connect(&url)
        .await?;
    Ok(pool)
}}
"""


def _session(plan: Plan) -> str:
    return f"""\
    // SQLx cannot bind the channel; sslmode=verify-full in the URL is what keeps others out.
    let url = env::var("{plan.variable}")?;
    // A suspended compute takes its time to wake up.
    let limit = Duration::from_secs({plan.pool.connect_timeout});
"""


def _connect(plan: Plan) -> str:
    return f"""\
use std::{{env, time::Duration}};

use sqlx::{{Connection, PgConnection}};
use tokio::time::timeout;

/// One session past the pooler: settings and locks last as long as the connection.
pub async fn connect() -> Result<PgConnection, Box<dyn std::error::Error + Send + Sync>> {{
{_session(plan)}\
    Ok(timeout(limit, PgConnection::connect(&url)).await??)
}}
"""


def _migrate(plan: Plan) -> str:
    return f"""\
use std::{{env, time::Duration}};

use sqlx::{{Connection, PgConnection}};
use tokio::time::timeout;

/// Runs the migrations in ./migrations past the pooler, where the lock that they take lasts.
pub async fn migrate() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {{
{_session(plan)}\
    let mut connection = timeout(limit, PgConnection::connect(&url)).await??;
    sqlx::migrate!().run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}}
"""


TARGETS = {
    target.name: target
    for target in (
        Target(
            "rust-sqlx",
            "Rust with SQLx",
            "A `PgPool` for the application, a single connection for migrations and scripts.",
            _sqlx,
            (
                "https://neon.com/docs/guides/rust",
                "https://docs.rs/sqlx/latest/sqlx/postgres/struct.PgConnectOptions.html",
            ),
            runtimes=("server", "serverless"),
            refusals={"edge": "SQLx opens TCP connections; take `neon-serverless`, which goes over HTTP"},
            needs=(
                "sqlx 0.8 with the features postgres, runtime-tokio, tls-rustls-ring-native-roots, migrate",
                "tokio 1 with the feature time",
            ),
        ),
    )
}
