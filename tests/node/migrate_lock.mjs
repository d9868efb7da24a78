// The statements node-pg-migrate sends before its first migration: { options } → [sql].
import { runner } from "node-pg-migrate";
import { answer, question } from "./probe.mjs";

const statements = [];
const dbClient = {
  async query(sql) {
    statements.push(typeof sql === "string" ? sql : sql.text);
    return { rows: [{ lockObtained: true, lockReleased: true }] };
  },
};
const logger = { info() {}, warn() {}, error() {} };
const options = { dbClient, dir: ".", ignorePattern: ".*", migrationsTable: "m", direction: "up", logger };
await runner({ ...options, ...(await question()) }).catch(() => {});
answer(statements);
