"""What the TypeScript targets share: the URLs and the options that node-postgres and Neon's driver take.

Measured with pg 8.23, postgres 3.4.9 and @neondatabase/serverless 1.2: for pg and postgres.js `sslmode=verify-full`
checks the certificate against the roots that Node.js carries, while `require` means something else in each of them;
`sslrootcert=system` is a file name to pg; `channel_binding` is known to neither. Neon's driver reads no parameter, its
TLS is that of HTTPS.
"""

from __future__ import annotations

import json
from textwrap import indent

from neonlint.records import replace
from neonlint.regex import regex
from neonlint.targets.model import Link, Plan
from neonlint.targets.text import comment

#: Why `strict` changes nothing for node-postgres, and where TLS is decided.
PG_TLS = "In both profiles pg checks the certificate: sslmode=verify-full in the URL outranks any `ssl` here."
#: Why it changes nothing for Neon's driver.
NEON_TLS = "In both profiles the runtime checks the certificate, as for every {scheme} address."
#: What keeps a lost idle connection of `pool` from ending the process.
LISTENER = """\
// A compute that suspends ends idle connections; without a listener that would end the process.
pool.on("error", (error: Error) => {
  console.error("an idle database connection was lost:", error.message);
});
"""
#: What Neon's driver lacks in older releases of Node.js, where it speaks over WebSockets.
NODE_22 = "Node.js before 22 has no WebSocket: install `ws` there, and set `neonConfig.webSocketConstructor = ws` first"
#: Where the types of a Worker come from.
WORKER_TYPES = "`npx wrangler types` writes the types of the runtime, `ExportedHandler` among them"
_BINDING = "enableChannelBinding: true"
#: What a script does with the one connection that it opens.
ONE_QUERY = """\
await client.connect();
try {
  const { rows } = await client.query("SELECT version()");
  console.log(rows[0].version);
} finally {
  await client.end();
}
"""


def verified(plan: Plan) -> Plan:
    """The plan with URLs for pg and postgres.js, which then check the certificate in both profiles."""
    return _changed(plan, sslmode="verify-full", channel_binding=None, sslrootcert=None)


def portable(plan: Plan) -> Plan:
    """The plan with URLs for Neon's driver. What parameters they have is for other readers of the variable, of which
    those in JavaScript cannot take `sslrootcert=system`."""
    return _changed(plan, sslrootcert=None)


def _changed(plan: Plan, **params: str | None) -> Plan:
    def changed(link: Link) -> Link:
        return link.with_params(**params)

    return replace(plan, pooled=changed(plan.pooled), direct=changed(plan.direct))


def connection_string(plan: Plan) -> str:
    """Statements that read the variable of the role into `connectionString`, and stop where it is not set: each of
    the drivers would try localhost then, pg and postgres.js without TLS, or call the URL a wrong one."""
    return f"""\
const connectionString = process.env.{plan.variable};
if (!connectionString) throw new Error("{plan.variable} is not set");
"""


def env_file(plan: Plan) -> tuple[str, ...]:
    """The note on dotenv files for what is started by `node`, and by no platform that sets variables."""
    note = "`node --env-file=.env` reads the variables from that file; Node.js by itself reads none"
    return (note,) if plan.runtime == "server" or not plan.app else ()


def pg_pool(plan: Plan) -> str:
    """The options of a `Pool` of pg, one a line, with `connectionString` from the statements before."""
    return _lines("connectionString", _BINDING, *_size(plan), _timeout(plan))


def neon_pool(plan: Plan) -> str:
    """The options of a `Pool` of Neon's driver, as `pg_pool` gives those of pg."""
    return _lines("connectionString", *_size(plan), _timeout(plan))


def pg_client(plan: Plan) -> str:
    """Statements that make `client`, one connection of pg, from the variable of the role."""
    return _client(plan, PG_TLS, _lines("connectionString", _BINDING, _timeout(plan)))


def neon_client(plan: Plan) -> str:
    """Statements that make `client`, one connection of Neon's driver, as `pg_client` makes it of pg."""
    return _client(plan, NEON_TLS.format(scheme="wss"), _lines("connectionString", _timeout(plan)))


def _client(plan: Plan, tls: str, options: str) -> str:
    return f"""\
{connection_string(plan)}
// {tls}
const client = new Client({{
{options}
}});
"""


def _size(plan: Plan) -> tuple[str, str]:
    why = comment(plan.pool.why, "//")
    return f"{why}max: {plan.pool.size}", f"idleTimeoutMillis: {milliseconds(plan.pool.idle)}"


def _timeout(plan: Plan) -> str:
    return f"connectionTimeoutMillis: {milliseconds(plan.pool.connect_timeout)}"


def _lines(*options: str) -> str:
    return indent(",\n".join(options) + ",", "  ")


def json_text(settings: object) -> str:
    """JSON as prettier has it: an array of one text stands on one line."""
    text = json.dumps(settings, indent=2)
    return regex(r'\[\n *("[^"\n]*")\n *\]').sub(r"[\1]", text) + "\n"


def milliseconds(seconds: int) -> str:
    """Seconds as a literal in milliseconds."""
    return f"{seconds * 1000:_}"
