import nodemailer from 'nodemailer'
import pg from 'pg'

const mail = nodemailer.createTransport({ host: 'mail.example.org' })

// LISTEN belongs to one session, so this client goes past the pooler.
const listener = new pg.Client({ connectionString: process.env.DATABASE_URL_UNPOOLED, connectionTimeoutMillis: 15000 })
listener.on('error', (error) => {
  console.error('the listener was cut off:', error.message)
  process.exit(1) // the container is started again
})
await listener.connect()
await listener.query('LISTEN sold')
listener.on('notification', async ({ payload }) => {
  await mail.sendMail({ to: payload, subject: 'Your ticket' })
})
