"""Called for every uploaded invoice."""

import psycopg2


def lambda_handler(event, context):
    connection = psycopg2.connect(
        host="ep-quiet-dune-a5k2m9x1.us-east-2.aws.neon.tech",
        dbname="shop",
        user="invoices",
        password="npg_Qw8eR5tYu1Io",
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO invoices (key) VALUES (%s)", (event["key"],))
