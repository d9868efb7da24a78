// Whether Prisma's schema engine takes the values of variables as its URLs: [{ module, schema, env }] → [[its errors]].
import { answer, question, require } from "./probe.mjs";

function errors({ module, schema, env }) {
  const asked = { prismaSchema: [["schema.prisma", schema]], datasourceOverrides: {}, ignoreEnvVarErrors: false, env };
  return JSON.parse(require(module).get_config(JSON.stringify(asked))).errors.map(({ message }) => message);
}

answer((await question()).map(errors));
