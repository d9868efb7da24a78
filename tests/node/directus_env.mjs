// What the library `@directus/env` makes of the process's variables: [names] → { name: value }.
import { useEnv } from "@directus/env";
import { answer, question } from "./probe.mjs";

const names = await question();
const env = useEnv();
answer(Object.fromEntries(names.map((name) => [name, env[name]])));
