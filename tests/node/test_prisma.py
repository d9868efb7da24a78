"""What Prisma takes in its schema and in prisma.config.ts.

Measured with the schema engines of Prisma 5.22, 6.19 and 7.3 and with @prisma/config 7.10.1. What the query engine of
Prisma up to 6 makes of URL parameters cannot be measured here: it is a binary that npm does not carry.
"""

from typing import Any

import pytest
from node.npm import Npm

pytestmark = pytest.mark.node

SIX = ["prisma-schema-5.22", "prisma-schema-6.19"]
SEVEN = "prisma-schema-7.3"
SCHEMA = """\
generator client {{
  provider = "prisma-client-js"
}}

datasource db {{
  provider = "{provider}"
{lines}
}}

model A {{
  id Int @id
}}
"""


def verdicts(npm: Npm, *lines: str, provider: str = "postgresql") -> list[str | None]:
    schema = SCHEMA.format(provider=provider, lines="\n".join(f"  {line}" for line in lines))
    found: list[str | None] = npm.ask("prisma_schema", [{"module": m, "schema": schema} for m in [*SIX, SEVEN]])
    return found


@pytest.mark.parametrize("name", ["url", "directUrl", "shadowDatabaseUrl"])
def test_prisma_7_takes_no_url_in_the_schema(npm: Npm, name: str) -> None:
    """Rules: prisma7-url-in-schema."""
    lines = ['url = env("DATABASE_URL")'] if name == "url" else ['url = env("DATABASE_URL")', f'{name} = env("X")']
    five, six, seven = verdicts(npm, *lines)
    assert (five, six) == (None, None)
    assert seven is not None
    assert seven.startswith("P1012 ")
    assert f"The datasource property `{name}` is no longer supported in schema files" in seven


def test_prisma_6_wants_one(npm: Npm) -> None:
    """Rules: prisma7-url-in-schema (the fix is wrong before 7)."""
    five, six, seven = verdicts(npm)
    assert seven is None
    for verdict in (five, six):
        assert verdict is not None
        assert verdict.startswith('P1012 error: Argument "url" is missing in data source block "db".')


def test_both_names_of_the_provider(npm: Npm) -> None:
    """Rules: every rule about Prisma."""
    assert verdicts(npm, 'url = env("X")', provider="postgres")[:2] == [None, None]


def test_a_literal_passes(npm: Npm) -> None:
    """Rules: hardcoded-credentials."""
    assert verdicts(npm, 'url = "postgresql://app:pw@h/d"')[:2] == [None, None]


def configured(npm: Npm, datasource: str, **more: object) -> dict[str, Any]:
    text = "import { defineConfig, env } from '@prisma/config';\n"
    [answer] = npm.ask(
        "prisma_config", [{"text": f"{text}export default defineConfig({{ datasource: {datasource} }});", **more}]
    )
    found: dict[str, Any] = answer
    return found


def test_env_of_the_config(npm: Npm) -> None:
    """Rules: prisma7-url-in-schema (the fix): a missing variable is an error with env(), none with process.env."""
    assert configured(npm, "{ url: env('X') }", env={"X": "postgresql://h/d"}) == {
        "datasource": {"url": "postgresql://h/d"}
    }
    assert configured(npm, "{ url: env('X') }")["error"] == "Cannot resolve environment variable: X."
    assert configured(npm, "{ url: process.env.X }") == {"datasource": {"url": None}}


def test_the_config_reads_no_dotenv_file(npm: Npm) -> None:
    """Rules: prisma7-url-in-schema: `import "dotenv/config"` is needed."""
    assert configured(npm, "{ url: process.env.X ?? 'none' }", dotenv="X=found\n") == {"datasource": {"url": "none"}}


def test_adapters(npm: Npm) -> None:
    """Rules: every rule about Prisma 7."""
    neon, pg = npm.ask("exports", ["@prisma/adapter-neon", "@prisma/adapter-pg"])
    assert (set(neon), set(pg)) == ({"PrismaNeon", "PrismaNeonHttp"}, {"PrismaPg"})
