"""What becomes of a process whose idle connection the server ends, as happens when a Neon compute suspends.

Measured with pg 8.23.1, Prisma's adapter 7.10.1, knex 3.3.0, kysely 0.28.17, drizzle-orm 0.45.4, pg-promise 12.7.1,
sequelize 6.37.8, typeorm 1.1.1 and postgres.js 3.4.9.
"""

import pytest
from node.npm import Npm

pytestmark = pytest.mark.node

KILLED = "terminating connection due to administrator command"


@pytest.mark.parametrize("driver", ["pool", "client", "kysely", "drizzle"])
def test_without_a_handler_the_process_ends(npm: Npm, driver: str) -> None:
    """Rules: pool-error-handler-missing: kysely and drizzle leave it to the pool's owner."""
    assert npm.ask("pool_error", {"driver": driver, "handler": False}) == {"survived": False, "heard": [KILLED]}


@pytest.mark.parametrize("driver", ["pool", "client"])
def test_with_a_handler_it_lives_on(npm: Npm, driver: str) -> None:
    """Rules: pool-error-handler-missing (the fix)."""
    answer = npm.ask("pool_error", {"driver": driver, "handler": True})
    assert (answer["survived"], answer["heard"][0]) == (True, KILLED)


@pytest.mark.parametrize("driver", ["prisma", "knex", "promise", "sequelize", "typeorm", "postgres"])
def test_these_handle_it_themselves(npm: Npm, driver: str) -> None:
    """Rules: pool-error-handler-missing says nothing about them."""
    assert npm.ask("pool_error", {"driver": driver, "handler": False})["survived"] is True
