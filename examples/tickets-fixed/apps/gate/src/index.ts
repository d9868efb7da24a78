import { Pool } from '@neondatabase/serverless'
import { drizzle } from 'drizzle-orm/neon-serverless'
import { sql } from 'drizzle-orm'

interface Env {
  DATABASE_URL: string
}

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const pool = new Pool({ connectionString: env.DATABASE_URL })
    pool.on('error', (error) => console.error(error.message))
    const db = drizzle(pool)
    const code = new URL(request.url).searchParams.get('code')
    const found = await db.execute(sql`SELECT 1 FROM tickets WHERE code = ${code}`)
    ctx.waitUntil(pool.end())
    return new Response(found.rowCount ? 'welcome' : 'no such ticket')
  },
}
