import { neon } from '@neondatabase/serverless'

interface Env {
  DATABASE_URL: string
}

export async function report(env: Env): Promise<number> {
  const sql = neon(env.DATABASE_URL)
  const [row] = await sql`SELECT count(*)::int AS sold FROM tickets`
  return row.sold
}
