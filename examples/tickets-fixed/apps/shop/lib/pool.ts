import { attachDatabasePool } from '@vercel/functions'
import { Pool } from 'pg'

export const pool = new Pool({
  connectionString: process.env.DATABASE_URL,
  connectionTimeoutMillis: 15000,
  idleTimeoutMillis: 10000,
  max: 5,
})

pool.on('error', (error) => console.error('an idle connection was closed:', error.message))
attachDatabasePool(pool)
