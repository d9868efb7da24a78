import { neon } from '@neondatabase/serverless'

export const runtime = 'edge'

const sql = neon(process.env.DATABASE_URL!)

export async function GET(request: Request) {
  const term = new URL(request.url).searchParams.get('q') ?? ''
  return Response.json(await sql`SELECT id, title FROM events WHERE title ILIKE ${'%' + term + '%'}`)
}
