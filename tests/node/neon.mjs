// How @neondatabase/serverless behaves, release by release: { module, steps: [[name, …arguments]] } → one outcome each.
import { answer, attempt, question } from "./probe.mjs";

const asked = await question();
const warned = [];
console.warn = (...words) => void warned.push(words.join(" "));

const module = await import(asked.module);
const { neon, neonConfig, Pool } = module.neon ? module : module.default;
const sent = [];
neonConfig.fetchFunction = async (url, { headers }) => {
  sent.push({ url: String(url), string: headers["Neon-Connection-String"] ?? null, token: headers.Authorization ?? null });
  return Response.json({ fields: [], rows: [], command: "SELECT", rowCount: 0, rowAsArray: true });
};

const steps = {
  create: (...words) => void neon(...words),
  tagged: (...words) => neon(...words)`select 1`,
  called: (url) => neon(url)("select $1", [1]),
  query: (url) => neon(url).query("select $1", [1]),
  read: (name) => neonConfig[name],
  set: (name, value) => {
    neonConfig[name] = value;
    return neonConfig[name];
  },
  socket: async () => {
    neonConfig.webSocketConstructor = (await import("ws")).default;
    return neonConfig.webSocketConstructor.name;
  },
  pool: async (connectionString) => {
    const pool = new Pool({ connectionString });
    pool.on("error", () => {});
    await pool.query("select 1");
  },
};

const answers = [];
for (const [name, ...words] of asked.steps) {
  warned.length = sent.length = 0;
  const outcome = await attempt(() => steps[name](...words));
  answers.push({ ...outcome, sent: [...sent], warned: [...warned] });
}
answer(answers);
