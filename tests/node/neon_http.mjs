// What drizzle-orm's neon-http driver says to an interactive transaction.
import { neon } from "@neondatabase/serverless";
import { drizzle } from "drizzle-orm/neon-http";
import { answer, attempt } from "./probe.mjs";

const db = drizzle(neon("postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/neondb"));
answer(await attempt(() => db.transaction(async (tx) => tx.execute("select 1"))));
