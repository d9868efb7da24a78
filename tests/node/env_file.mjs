// What a dotenv file says to dotenv, old and new, and to Node itself: text → { package: { name: value } }.
import { parseEnv } from "node:util";
import { answer, question, require } from "./probe.mjs";

const text = await question();
answer({
  dotenv: require("dotenv").parse(text),
  "dotenv-16": require("dotenv-16").parse(text),
  node: parseEnv(text),
});
