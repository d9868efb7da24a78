import postgres from 'postgres'

const sql = postgres(process.env.DATABASE_URL || 'postgresql://tickets_app:npg_T1ck3tSh0pDemo@ep-quiet-meadow-a5f2c9d1-pooler.eu-central-1.aws.neon.tech/tickets?sslmode=require&channel_binding=require', { ssl: 'require' })

export const archive = () => sql`DELETE FROM tickets WHERE used < now() - interval '1 year'`
