import { integer, pgTable, serial, text } from 'drizzle-orm/pg-core'

export const events = pgTable('events', {
  id: serial().primaryKey(),
  title: text().notNull(),
  seats: integer().notNull(),
})
