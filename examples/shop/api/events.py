import asyncio
import os

import asyncpg


async def listen() -> None:
    connection = await asyncpg.connect(os.environ["DATABASE_URL"], timeout=3)
    await connection.add_listener("orders", print)
    await asyncio.sleep(3600)
