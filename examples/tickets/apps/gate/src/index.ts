import { Pool } from '@neondatabase/serverless'
import { drizzle } from 'drizzle-orm/neon-serverless'

const pool = new Pool({ connectionString: process.env.DATABASE_URL })

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const db = drizzle(pool)
    const code = new URL(request.url).searchParams.get('code')
    const found = await db.execute(`SELECT 1 FROM tickets WHERE code = '${code}'`)
    return new Response(found.rowCount ? 'welcome' : 'no such ticket')
  },
}
