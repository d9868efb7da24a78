'use client'

import { useEffect, useState } from 'react'

export function Seats({ event }: { event: number }) {
  const [seats, setSeats] = useState<number>()
  useEffect(() => {
    fetch(`/api/events/${event}/seats`)
      .then((response) => response.json())
      .then((body) => setSeats(body.seats))
  }, [event])
  return <span>{seats ?? '…'} seats left</span>
}
