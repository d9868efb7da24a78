import { Pool } from '@neondatabase/serverless'

export async function report(env: Env): Promise<number> {
  const pool = new Pool({ connectionString: env.DATABASE_URL })
  const { rows } = await pool.query('SELECT count(*)::int AS sold FROM tickets')
  return rows[0].sold
}
