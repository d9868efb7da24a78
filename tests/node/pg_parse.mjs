// What pg-connection-string makes of connection strings: [{ module, url }] → [{ value | error, warnings }].
import { answer, attempt, question, require, warnings } from "./probe.mjs";

const texts = warnings();
const answers = [];
for (const { module, url } of await question()) {
  for (const path of Object.keys(require.cache)) delete require.cache[path]; // the warning comes once per load
  texts.length = 0;
  answers.push({ ...(await attempt(() => require(module).parse(url))), warnings: [...texts] });
}
answer(answers);
