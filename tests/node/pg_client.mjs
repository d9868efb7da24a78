// What pg makes of configurations, without connecting: [{ module, config, env }] → the client's and the pool's settings.
import { answer, attempt, question, require, warnings } from "./probe.mjs";

warnings();
const answers = [];
for (const { module = "pg", config } of await question()) {
  const { Client, Pool } = require(module);
  answers.push(
    await attempt(() => {
      const client = new Client(config);
      const { max, idleTimeoutMillis, connectionTimeoutMillis, maxLifetimeSeconds } = new Pool(config).options;
      return {
        ssl: client.connectionParameters.ssl,
        statement_timeout: client.connectionParameters.statement_timeout,
        enableChannelBinding: client.enableChannelBinding ?? null,
        pool: { max, idleTimeoutMillis, connectionTimeoutMillis, maxLifetimeSeconds },
      };
    }),
  );
}
answer(answers);
