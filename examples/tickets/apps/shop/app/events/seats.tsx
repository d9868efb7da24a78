'use client'

import { neon } from '@neondatabase/serverless'
import { useEffect, useState } from 'react'

const sql = neon(process.env.NEXT_PUBLIC_DATABASE_URL!)

export function Seats({ event }: { event: number }) {
  const [seats, setSeats] = useState<number>()
  useEffect(() => {
    sql`SELECT seats FROM events WHERE id = ${event}`.then(([row]) => setSeats(row.seats))
  }, [event])
  return <span>{seats ?? '…'} seats left</span>
}
