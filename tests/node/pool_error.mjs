// A server that lets everybody in and then drops the idle connection, as Neon does when a compute suspends.
// Answers { survived, heard }: whether the process lived on, and which error the handler (if asked for) heard.
import net from "node:net";
import { answer, question, require } from "./probe.mjs";

const { driver, handler } = await question();
const heard = [];

const int = (number, size = 4) => {
  const bytes = Buffer.alloc(size);
  bytes.writeIntBE(number, 0, size);
  return bytes;
};

function message(type, ...parts) {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from(type), int(body.length + 4), body]);
}

const version = "PostgreSQL 17.2";
const column = (name) => [name, "\0", int(0), int(0, 2), int(25), int(-1, 2), int(-1), int(0, 2)];
const value = [int(version.length), version];
// Whatever is asked, the answer is one row with the version under the two names that drivers know.
const row = Buffer.concat([
  message("T", int(2, 2), ...column("version"), ...column("server_version")),
  message("D", int(2, 2), ...value, ...value),
]);
const ready = message("Z", "I");
const killed = message("E", "SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0");
let idle;
const server = net.createServer((socket) => {
  let first = true;
  socket.on("error", () => {});
  socket.on("data", (data) => {
    const rows = data[0] === 0x51 ? [row] : []; // Q, a simple query
    if (first) socket.write(Buffer.concat([message("R", int(0)), ready]));
    else socket.write(Buffer.concat([...rows, message("C", "SELECT 1\0"), ready]));
    first = false;
    clearTimeout(idle);
    idle = setTimeout(() => socket.end(killed), 100);
  });
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const config = { host: "127.0.0.1", port: server.address().port, user: "app", password: "pw", database: "neondb" };

process.on("uncaughtException", (error) => answer({ survived: false, heard: [error.message] }));

async function pool() {
  const made = new (require("pg").Pool)(config);
  if (handler) made.on("error", (error) => heard.push(error.message));
  await made.query("select 1");
}

async function client() {
  const made = new (require("pg").Client)(config);
  if (handler) made.on("error", (error) => heard.push(error.message));
  await made.connect();
  await made.query("select 1");
}

async function prisma() {
  const { PrismaPg } = await import("@prisma/adapter-pg");
  const options = handler ? { onPoolError: (error) => heard.push(error.message) } : undefined;
  await (await new PrismaPg(config, options).connect()).queryRaw({ sql: "select 1", args: [], argTypes: [] }).catch(() => {});
}

async function knex() {
  await require("knex")({ client: "pg", connection: config }).raw("select 1");
}

async function kysely() {
  const { Kysely, PostgresDialect, sql } = await import("kysely");
  const db = new Kysely({ dialect: new PostgresDialect({ pool: new (require("pg").Pool)(config) }) });
  await sql`select 1`.execute(db);
}

async function drizzle() {
  const made = (await import("drizzle-orm/node-postgres")).drizzle({ connection: config });
  await made.execute("select 1");
}

async function postgres() {
  await require("postgres")({ ...config, max: 1, fetch_types: false }).unsafe("select 1").simple();
}

async function promise() {
  const made = require("pg-promise")({ noWarnings: true })(config);
  await made.any("select 1");
}

async function sequelize() {
  const { Sequelize } = require("sequelize");
  const made = new Sequelize("neondb", "app", "pw", { ...config, dialect: "postgres", logging: false });
  await made.query("select 1");
}

async function typeorm() {
  const { DataSource } = require("typeorm");
  const { user, ...rest } = config;
  await new DataSource({ type: "postgres", username: user, ...rest }).initialize();
}

await { pool, client, prisma, knex, kysely, drizzle, postgres, promise, sequelize, typeorm }[driver]();
setTimeout(() => answer({ survived: true, heard }), 500);
