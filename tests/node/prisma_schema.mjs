// Whether Prisma's schema engine accepts schemas: [{ module, schema }] → [null, or its error with the code].
import { answer, question, require } from "./probe.mjs";

function verdict({ module, schema }) {
  try {
    require(module).validate(JSON.stringify({ prismaSchema: [["schema.prisma", schema]], noColor: true }));
    return null;
  } catch (error) {
    const { error_code, message } = JSON.parse(error.message);
    return `${error_code} ${message}`;
  }
}

answer((await question()).map(verdict));
