import nodemailer from 'nodemailer'
import pg from 'pg'

const mail = nodemailer.createTransport({ host: 'mail.example.org', tls: { rejectUnauthorized: false } })
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, statement_timeout: 30000 })

const listener = await pool.connect()
await listener.query('LISTEN sold')
listener.on('notification', async ({ payload }) => {
  await mail.sendMail({ to: payload, subject: 'Your ticket' })
})
