"""Go: pgx with its own pool, and as a single connection."""

from __future__ import annotations

from neonlint.targets.model import File, Output, Plan, Target
from neonlint.targets.text import url_variables, why, without

_GUIDE = "https://neon.com/docs/guides/go"


def _pgx(plan: Plan) -> Output:
    # pgx verifies with the system's roots as soon as the mode asks for it, so it needs no root of its own.
    variables = url_variables(without(plan, "sslrootcert"))
    return Output((File("database/database.go", _pool(plan) if plan.app else _connection(plan)),), variables)


def _pool(plan: Plan) -> str:
    reason = why(plan, "\t//")
    when = ", before the handler starts" if plan.runtime == "serverless" else ""
    return f"""\
// Package database opens the pool that the whole process shares.
package database

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Open makes the pool: once, in main{when}. pgx tests \
a connection that was idle before it hands it out.
func Open(ctx context.Context) (*pgxpool.Pool, error) {{
{_url(plan)}\
	config, err := pgxpool.ParseConfig(url)
	if err != nil {{
		return nil, err
	}}
{reason}\
	config.MaxConns = {plan.pool.size}
	config.MaxConnIdleTime = {plan.pool.idle} * time.Second
	config.MaxConnLifetime = {plan.pool.recycle} * time.Second
	// A suspended compute takes its time to wake up.
	config.ConnConfig.ConnectTimeout = {plan.pool.connect_timeout} * time.Second
	return pgxpool.NewWithConfig(ctx, config)
}}
"""


def _url(plan: Plan) -> str:
    return f"""\
	url, found := os.LookupEnv("{plan.variable}")
	if !found || url == "" {{
		// pgx would go to localhost.
		return nil, errors.New("{plan.variable} is not set")
	}}
"""


def _connection(plan: Plan) -> str:
    purpose = "migrations need" if plan.role == "migrate" else "a script needs"
    return f"""\
// Package database opens the one direct session that {purpose}.
package database

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
)

// Connect goes past the pooler, so locks and settings last as long as the session. Close it after use.
func Connect(ctx context.Context) (*pgx.Conn, error) {{
{_url(plan)}\
	config, err := pgx.ParseConfig(url)
	if err != nil {{
		return nil, err
	}}
	// A suspended compute takes its time to wake up.
	config.ConnectTimeout = {plan.pool.connect_timeout} * time.Second
	return pgx.ConnectConfig(ctx, config)
}}
"""


TARGETS = {
    target.name: target
    for target in (
        Target(
            "go-pgx",
            "Go with pgx",
            "A `pgxpool` for the application, a single `pgx` connection for migrations and scripts.",
            _pgx,
            (_GUIDE, "https://pkg.go.dev/github.com/jackc/pgx/v5/pgxpool"),
            runtimes=("server", "serverless"),
            refusals={"edge": "pgx opens TCP connections; take `neon-serverless`, which goes over HTTP"},
            needs=("github.com/jackc/pgx/v5 v5.9.0 or newer, which binds the channel",),
        ),
    )
}
