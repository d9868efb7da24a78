import { neon, neonConfig } from '@neondatabase/serverless'
import { drizzle } from 'drizzle-orm/neon-http'
import * as schema from './schema'

neonConfig.fetchConnectionCache = true

const sql = neon(process.env.DATABASE_URL!)

export const db = drizzle(sql, { schema })

export async function reserve(event: number, seats: number) {
  await db.transaction(async (tx) => {
    await tx.insert(schema.events).values({ title: 'held', seats })
  })
  return sql('SELECT seats FROM events WHERE id = $1', [event])
}
