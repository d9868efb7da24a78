// The object that Directus hands to Knex's `connection`, put together as @directus/api 39.2 does: { name: value } → {}.
// Its package has hundreds of dependencies, so this is its rule written again: `DB_` goes, words are joined in camel
// case, `__` opens an object (lodash's `set`), and variables count in their order.
import { set } from "lodash-es";
import { answer, question } from "./probe.mjs";

const camel = (words) => words.toLowerCase().replace(/_+(\w)/g, (_, letter) => letter.toUpperCase());
const config = {};
for (const [name, value] of Object.entries(await question())) {
  const rest = name.slice("DB_".length);
  if (name.includes("__")) set(config, rest.split("__").map(camel).join("."), value);
  else config[camel(rest)] = value;
}
answer(config);
