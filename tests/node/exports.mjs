// The names that modules export: [name] → [[name, …]].
import { answer, question } from "./probe.mjs";

const names = [];
for (const name of await question()) names.push(Object.keys(await import(name)));
answer(names);
