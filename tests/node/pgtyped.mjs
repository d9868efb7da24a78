// Reads a configuration as the program `pgtyped -c` does and connects with it: { config } → { error }.
import "./home.mjs";
import { writeFileSync } from "node:fs";
import { parseConfig } from "./node_modules/@pgtyped/cli/lib/config.js";
import { startup } from "@pgtyped/query";
import { AsyncQueue } from "@pgtyped/wire";
import { answer, question, said } from "./probe.mjs";

const ended = (error) => answer({ error: said(error) });
const exit = process.exit;
process.exit = (code) => (code ? ended("it ends the process when it is refused") : exit(0));
process.on("uncaughtException", ended);
const file = `${process.cwd()}/pgtyped-${process.pid}.json`;
writeFileSync(file, JSON.stringify((await question()).config));
try {
  const { db } = parseConfig(file);
  const queue = new AsyncQueue();
  queue.socket.on("error", ended).on("close", () => ended("closed"));
  startup(db, queue).then(() => answer({ error: null }), ended);
} catch (error) {
  ended(error);
}
