import postgres from 'postgres'

const sql = postgres(process.env.DATABASE_URL, { ssl: 'verify-full', idle_timeout: 60 })

export const archive = () => sql`DELETE FROM tickets WHERE used < now() - interval '1 year'`
