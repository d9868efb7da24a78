import { Pool } from 'pg'

export async function GET() {
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, connectionTimeoutMillis: 15000 })
  console.log('connecting with', process.env.DATABASE_URL)
  const { rows } = await pool.query('SELECT id, title, seats FROM events ORDER BY starts')
  return Response.json(rows)
}
