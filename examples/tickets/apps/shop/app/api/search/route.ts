import postgres from 'postgres'

export const runtime = 'edge'

const sql = postgres(process.env.DATABASE_URL!, { ssl: 'require', connect_timeout: 15 })

export async function GET(request: Request) {
  const term = new URL(request.url).searchParams.get('q') ?? ''
  return Response.json(await sql`SELECT id, title FROM events WHERE title ILIKE ${'%' + term + '%'}`)
}
