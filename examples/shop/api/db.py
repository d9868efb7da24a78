import os

from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from api.config import settings

engine = create_engine(settings.database_url, pool_size=5, pool_recycle=3600)

# The asynchronous half of the service
async_engine = create_async_engine(
    "postgresql+asyncpg://api:{}@ep-quiet-dune-a5k2m9x1.us-east-2.aws.neon.tech/shop?sslmode=require".format(
        os.environ["API_PASSWORD"]
    ),
    pool_pre_ping=True,
)


def use_tenant(name: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET search_path TO tenant"))
