// What Prisma 7 reads from a prisma.config.ts: [{ text, env }] → [{ datasource | error }].
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfigFromFile } from "@prisma/config";
import { answer, question } from "./probe.mjs";

const answers = [];
for (const { text, dotenv, env = {} } of await question()) {
  const folder = mkdtempSync("prisma-"); // beside node_modules
  writeFileSync(join(folder, "prisma.config.ts"), text);
  if (dotenv) writeFileSync(join(folder, ".env"), dotenv);
  Object.assign(process.env, env);
  const { config, error } = await loadConfigFromFile({ configFile: "prisma.config.ts", configRoot: folder });
  for (const name of Object.keys(env)) delete process.env[name];
  answers.push(error ? { error: error.error?.message ?? JSON.stringify(error) } : { datasource: config.datasource ?? null });
}
answer(answers);
