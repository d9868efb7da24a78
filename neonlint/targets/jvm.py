"""Java: pgJDBC with HikariCP, by hand or through Spring Boot.

pgJDBC takes no `postgresql://` URL: its own has neither role nor password in front of the host, other names for
parameters (`channelBinding`), and by default looks for root certificates in a file that is not there.
"""

from __future__ import annotations

from urllib.parse import quote

from neonlint.targets.model import File, Link, Output, Plan, Target, Variable
from neonlint.targets.text import why

_GUIDE = "https://neon.com/docs/guides/java"
_DRIVER = "https://jdbc.postgresql.org/documentation/use/"
_PGJDBC = "org.postgresql:postgresql:42.7.12 or newer, which binds the channel"
_URL, _UNPOOLED, _USER, _PASSWORD = (
    f"JDBC_DATABASE_{name}" for name in ("URL", "URL_UNPOOLED", "USERNAME", "PASSWORD")
)
#: HikariCP warns of shorter times and takes its defaults instead, half an hour and ten minutes.
_LEAST_LIFETIME, _LEAST_IDLE = 30, 10


def jdbc_parameters(plan: Plan) -> dict[str, str]:
    """libpq's parameters of the plan under the names that pgJDBC has for them."""
    names = {"sslmode": "sslmode", "channel_binding": "channelBinding", "application_name": "ApplicationName"}
    found = {names[name]: value for name, value in plan.link.params.items() if name in names}
    if plan.strict:
        found["sslfactory"] = "org.postgresql.ssl.DefaultJavaSSLFactory"
    return {**found, "connectTimeout": str(plan.pool.connect_timeout)}


def _jdbc_url(plan: Plan, link: Link) -> str:
    port = "" if link.port is None else f":{link.port}"
    query = "&".join(f"{name}={quote(value, safe='-._~')}" for name, value in jdbc_parameters(plan).items())
    return f"jdbc:postgresql://{link.host}{port}/{quote(link.database, safe='-._~')}?{query}"


def _variables(plan: Plan, *names: str) -> tuple[Variable, ...]:
    known = {
        _URL: Variable(_URL, _jdbc_url(plan, plan.pooled), "through the pooler: for the application"),
        _UNPOOLED: Variable(_UNPOOLED, _jdbc_url(plan, plan.direct), "direct: for migrations and sessions"),
        _USER: Variable(_USER, plan.link.user),
        _PASSWORD: Variable(_PASSWORD, plan.link.password),
    }
    return tuple(known[name] for name in names)


def _pool_times(plan: Plan) -> tuple[int, int]:
    """Longest life and longest idle time in milliseconds, as HikariCP accepts them."""
    return max(plan.pool.recycle, _LEAST_LIFETIME) * 1000, max(plan.pool.idle, _LEAST_IDLE) * 1000


def _jdbc(plan: Plan) -> Output:
    variables = _variables(plan, _URL if plan.app else _UNPOOLED, _USER, _PASSWORD)
    if plan.app:
        return Output((File("Database.java", _POOL_CLASS), File("hikari.properties", _hikari(plan))), variables)
    return Output((File("Database.java", _CONNECTION_CLASS),), variables)


_POOL_CLASS = f"""\
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;

/** The pool of the whole process; hikari.properties on the class path has its size. */
public final class Database {{
    private static final DataSource POOL = open();

    private Database() {{}}

    public static DataSource dataSource() {{
        return POOL;
    }}

    private static DataSource open() {{
        HikariConfig config = new HikariConfig("/hikari.properties");
        config.setJdbcUrl(System.getenv("{_URL}"));
        config.setUsername(System.getenv("{_USER}"));
        config.setPassword(System.getenv("{_PASSWORD}"));
        return new HikariDataSource(config);
    }}
}}
"""

_CONNECTION_CLASS = f"""\
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** One direct session, without a pool: past the pooler, locks and settings last as long as the connection. */
public final class Database {{
    private Database() {{}}

    public static Connection connect() throws SQLException {{
        return DriverManager.getConnection(
                System.getenv("{_UNPOOLED}"),
                System.getenv("{_USER}"),
                System.getenv("{_PASSWORD}"));
    }}
}}
"""


def _hikari(plan: Plan) -> str:
    lifetime, idle = _pool_times(plan)
    return f"""\
# Times are in milliseconds.
{why(plan)}\
maximumPoolSize={plan.pool.size}
# No connection is kept or pinged for its own sake, so that the compute can suspend.
minimumIdle=0
keepaliveTime=0
idleTimeout={idle}
maxLifetime={lifetime}
connectionTimeout={plan.pool.connect_timeout * 1000}
"""


def _spring(plan: Plan) -> Output:
    if plan.app:
        files = (File("src/main/resources/application.yaml", _application(plan)),)
        return Output(files, _variables(plan, _URL, _UNPOOLED, _USER, _PASSWORD))
    files = (File("src/main/resources/application-migrate.yaml", _MIGRATION_PROFILE),)
    return Output(files, _variables(plan, _UNPOOLED, _USER, _PASSWORD), (_RUN_MIGRATION,))


def _application(plan: Plan) -> str:
    lifetime, idle = _pool_times(plan)
    return f"""\
spring:
  datasource:
    url: ${{{_URL}}}
    username: ${{{_USER}}}
    password: ${{{_PASSWORD}}}
    hikari: # times are in milliseconds
{why(plan, by=6)}\
      maximum-pool-size: {plan.pool.size}
      # No connection is kept or pinged for its own sake, so that the compute can suspend.
      minimum-idle: 0
      keepalive-time: 0
      idle-timeout: {idle}
      max-lifetime: {lifetime}
      connection-timeout: {plan.pool.connect_timeout * 1000}
  flyway: # migrations go past the pooler
    url: ${{{_UNPOOLED}}}
    user: ${{{_USER}}}
    password: ${{{_PASSWORD}}}
"""


_MIGRATION_PROFILE = f"""\
# Migrates through Flyway and exits: no web server, no pool, past the pooler.
spring:
  main:
    web-application-type: none
  datasource:
    type: org.springframework.jdbc.datasource.SimpleDriverDataSource
    url: ${{{_UNPOOLED}}}
    username: ${{{_USER}}}
    password: ${{{_PASSWORD}}}
"""
_RUN_MIGRATION = "run it with --spring.profiles.active=migrate, and switch Flyway off elsewhere (spring.flyway.enabled)"
_EDGE = "the JVM runs on no edge runtime; take `neon-serverless`"

TARGETS = {
    target.name: target
    for target in (
        Target(
            "jdbc",
            "Java with JDBC",
            "A HikariCP data source for the application, a single JDBC connection for migrations and scripts.",
            _jdbc,
            (_GUIDE, _DRIVER, "https://github.com/brettwooldridge/HikariCP"),
            runtimes=("server", "serverless"),
            refusals={"edge": _EDGE},
            needs=(_PGJDBC, "com.zaxxer:HikariCP:6.2.1 or newer"),
        ),
        Target(
            "spring",
            "Spring Boot",
            "`application.yaml` with HikariCP through the pooler and Flyway past it.",
            _spring,
            (_GUIDE, _DRIVER, "https://docs.spring.io/spring-boot/reference/data/sql.html"),
            runtimes=("server", "serverless"),
            roles=("app", "migrate"),
            refusals={"edge": _EDGE, "admin": "a Spring application is no session for a person; take `psql` or `jdbc`"},
            needs=(_PGJDBC, "Spring Boot 3.4 or newer, with Flyway"),
        ),
    )
}
