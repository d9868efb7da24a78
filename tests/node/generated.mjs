// Builds a generated module as esbuild does and uses it: { file, use, url, argv, bundle, reload } → { error, options, listens, sent,
// waited, kept }. `reload` runs it twice and asks whether it exports the same then. `bundle` holds esbuild options under which packages are built in; else they are imported.
import "./home.mjs";
import http from "node:http";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { neonConfig } from "@neondatabase/serverless";
import { build } from "esbuild";
import { answer, attempt, question, warnings } from "./probe.mjs";

const { file, use, url, argv = [], bundle, reload } = await question();
const sent = [];
const waited = [];

neonConfig.fetchFunction = async (to, { headers }) => {
  sent.push({ to: String(to), string: headers["Neon-Connection-String"] });
  return Response.json({ fields: [], rows: [], command: "SELECT", rowCount: 0, rowAsArray: true });
};
globalThis.WebSocket = class {
  constructor(to) {
    sent.push({ to });
  }
  addEventListener(kind, call) {
    if (kind === "error") setImmediate(() => call({ message: "far enough" }));
  }
};

// The Secrets Manager of this machine: whatever is asked for is the connection string.
async function secrets() {
  const server = http.createServer((request, response) => {
    response.setHeader("Content-Type", "application/x-amz-json-1.1");
    request.resume().on("end", () => response.end(JSON.stringify({ SecretString: url })));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${server.address().port}`,
    AWS_REGION: "us-east-2",
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "key",
  });
}

const uses = {
  script: () => {}, // has run
  pool: ({ pool }) => pool.query("select 1"),
  sql: ({ sql }) => sql`select 1`,
  db: ({ db }) => db.execute("select 1"),
  prisma: ({ prisma }) => prisma.$queryRaw`select 1`,
  handler: ({ handler }) => handler(),
  async fetch({ default: worker }) {
    const env = { DATABASE_URL: url, HYPERDRIVE: { connectionString: url } };
    const context = { waitUntil: (promise) => waited.push(promise) };
    await worker.fetch(new Request("https://worker.example/"), env, context);
  },
};

warnings();
process.argv = [...process.argv.slice(0, 2), ...argv];
const outfile = resolve(file.replace(/\.ts$/, ".mjs"));
await build({
  entryPoints: [file], outfile, bundle: true, platform: "node", format: "esm",
  ...(bundle ?? { packages: "external" }),
}); // prettier-ignore
if (use === "handler") await secrets();

let made = {};
let kept = null;
const { error = null } = await attempt(async () => {
  made = await import(pathToFileURL(outfile));
  if (reload) kept = made[use] === (await import(`${pathToFileURL(outfile)}?again`))[use];
  await uses[use](made);
});
const pool = made.pool ?? made.db?.$client;
const listens = pool?.listenerCount?.("error") ?? null;
answer({ error, sent, waited: waited.length, kept, options: pool?.options ?? null, listens });
