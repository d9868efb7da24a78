#!/usr/bin/env bash
set -euo pipefail

# Hyperdrive pools by itself: it gets the direct connection.
npx wrangler hyperdrive create tickets --connection-string="$DATABASE_URL_UNPOOLED"
