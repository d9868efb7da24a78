#!/usr/bin/env bash
set -euo pipefail

export SOURCE=postgresql://tickets_app:npg_T1ck3tSh0pDemo@ep-quiet-meadow-a5f2c9d1-pooler.eu-central-1.aws.neon.tech/tickets?sslmode=require&channel_binding=require
pg_dump -h ep-quiet-meadow-a5f2c9d1-pooler.eu-central-1.aws.neon.tech -U tickets_app -d tickets -Fc -f tickets.dump
echo "copied from $SOURCE"
