import os

from fastapi import FastAPI
from sqlalchemy import create_engine, text

app = FastAPI()
print(f"connecting to {os.environ['DATABASE_URL']}")


@app.get("/orders")
def orders() -> list[dict[str, object]]:
    engine = create_engine(os.environ["DATABASE_URL"], pool_pre_ping=True)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text("SELECT * FROM orders")).mappings()]
