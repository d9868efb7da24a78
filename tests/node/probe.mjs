// What every probe needs: its question, its answer, and ears for what is thrown and warned of.
import { createRequire } from "node:module";

export const require = createRequire(import.meta.url);

export async function question() {
  let text = "";
  for await (const part of process.stdin) text += part;
  return JSON.parse(text);
}

// Only the answer goes to standard output: what drivers log is not asked for.
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;

// Prints the answer and ends the process, whatever timers and sockets a driver has left open.
export function answer(value) {
  print(JSON.stringify(value, shown) + "\n", () => process.exit(0));
}

// Runs `make` and returns what it returns as { value }, or the error it throws as { error, code }.
export async function attempt(make) {
  try {
    return { value: await make() };
  } catch (error) {
    return { error: said(error), code: error?.code ?? null };
  }
}

export function said(error) {
  const inner = error?.errors?.[0] ?? error?.cause;
  const own = String(error?.message ?? error);
  return inner && !own.includes(String(inner.message)) ? `${own}: ${inner.message}` : own;
}

// Collects the texts of process warnings instead of printing them.
export function warnings() {
  const texts = [];
  process.removeAllListeners("warning");
  process.emitWarning = (text) => void texts.push(String(text));
  return texts;
}

function shown(key, value) {
  if (typeof value === "function") return "a function";
  return value === undefined ? null : value;
}
