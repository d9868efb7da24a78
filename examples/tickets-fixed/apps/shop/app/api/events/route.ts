import { pool } from '@/lib/pool'

export async function GET() {
  const { rows } = await pool.query('SELECT id, title, seats FROM events ORDER BY starts')
  return Response.json(rows)
}
