#!/usr/bin/env bash
set -euo pipefail

pg_dump "$DATABASE_URL_UNPOOLED" -Fc -f tickets.dump
echo "copied"
