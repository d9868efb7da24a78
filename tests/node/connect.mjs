// Lets one driver connect, as its users call it, and prints the error it ends with: { error: null } if there is none.
import "./home.mjs";
import { answer, attempt, question, require, warnings } from "./probe.mjs";

const asked = await question();
const texts = warnings();

const one = "select 1";
const load = async (name) => {
  const module = await import(name);
  return module.default ?? module;
};

// One per driver: takes the question ({ url, config, module … }), resolves when the driver was let in.
const drivers = {
  async pg({ module = "pg", config }) {
    const client = new (require(module).Client)(config);
    client.on("error", () => {});
    await client.connect();
  },
  async pool({ module = "pg", config }) {
    await new (require(module).Pool)(config).query(one);
  },
  async postgres({ module = "postgres", url, config }) {
    await require(module)(url, { max: 1, ...config }).unsafe(one);
  },
  async knex({ config }) {
    await (await load("knex"))({ client: "pg", ...config }).raw(one);
  },
  async sequelize({ url, config }) {
    const { Sequelize } = await load("sequelize");
    await new Sequelize(url, { dialect: "postgres", logging: false, ...config }).authenticate();
  },
  async sequelizeFields({ config }) {
    const { Sequelize } = await load("sequelize");
    await new Sequelize({ dialect: "postgres", logging: false, ...config }).authenticate();
  },
  async typeorm({ config }) {
    const { DataSource } = await load("typeorm");
    await new DataSource({ type: "postgres", ...config }).initialize();
  },
  async slonik({ url, config }) {
    const { createPool, sql } = await import("slonik");
    const pool = await createPool(url, { connectionRetryLimit: 0, ...config });
    await pool.query(sql.unsafe`select 1`);
  },
  async kysely({ config }) {
    const { Kysely, PostgresDialect, sql } = await import("kysely");
    const db = new Kysely({ dialect: new PostgresDialect({ pool: new (require("pg").Pool)(config) }) });
    await sql`select 1`.execute(db);
  },
  async mikro({ config }) {
    const { MikroORM } = await import("@mikro-orm/postgresql");
    const orm = await MikroORM.init({ entities: [], discovery: { warnWhenNoEntities: false }, connect: false, ...config });
    await orm.em.getConnection().execute(one);
  },
  async migrate({ url }) {
    const { runner } = await import("node-pg-migrate");
    const logger = { info() {}, warn() {}, error() {} };
    await runner({ databaseUrl: url, dir: ".", migrationsTable: "m", direction: "up", logger });
  },
  async promise({ config }) {
    await (await load("pg-promise"))({ noWarnings: true })(config).connect();
  },
  async prisma({ config }) {
    const { PrismaPg } = await import("@prisma/adapter-pg");
    const adapter = await new PrismaPg(config).connect();
    await adapter.queryRaw({ sql: one, args: [], argTypes: [] });
  },
  async drizzle({ config }) {
    const { drizzle } = await import("drizzle-orm/node-postgres");
    await drizzle(config).execute(one);
  },
  async drizzlePostgres({ config }) {
    const { drizzle } = await import("drizzle-orm/postgres-js");
    await drizzle(config).execute(one);
  },
};

const { error = null } = await attempt(() => drivers[asked.driver](asked));
answer({ error, warnings: texts });
