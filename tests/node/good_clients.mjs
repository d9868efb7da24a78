// Hands clients to their packages and tells what each does with a listener whose certificate is good, but for another
// host: { key, cert, clients: [{ library, callee, words, env }] } →
// [{ mode: "clear" | "encrypted" | "verify-full" | "own" } | { error }]; "own" is TLS that the package always brings.
import { writeFileSync } from "node:fs";
import net from "node:net";
import tls from "node:tls";
import { neon, neonConfig, Pool as NeonPool } from "@neondatabase/serverless";
import { startup } from "@pgtyped/query";
import { AsyncQueue } from "@pgtyped/wire";
import { parseConfig } from "./node_modules/@pgtyped/cli/lib/config.js";
import { answer, attempt, question, require, warnings } from "./probe.mjs";

const one = "select 1";
const SSL_REQUEST = 80877103;
const REFUSED = Buffer.from("SFATAL\0VFATAL\0C28000\0Mrefused\0\0");
const WRONG_NAME = /does not match certificate's altnames/;
const length = Buffer.alloc(4);
length.writeInt32BE(REFUSED.length + 4);
const refuse = Buffer.concat([Buffer.from("E"), length, REFUSED]);

warnings();
const { key, cert, clients } = await question();
let seen = null; // how far the client at hand came

const server = net.createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", (data) => {
    const asks = data.length === 8 && data.readInt32BE(4) === SSL_REQUEST;
    if (!asks && data[0] !== 0x16) return started(socket, "clear"); // 0x16 begins a TLS handshake
    if (asks) socket.write("S");
    else socket.unshift(data);
    const inner = new tls.TLSSocket(socket, { isServer: true, key, cert, ALPNProtocols: ["postgresql"] });
    inner.on("error", () => {});
    inner.once("data", () => started(inner, "encrypted"));
  });
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));

function started(socket, mode) {
  seen = mode;
  socket.end(refuse);
}

// Whatever host and port a driver asks for, it gets the listener.
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...words) {
  const call = words.flat().findLast((word) => typeof word === "function");
  return connect.call(this, server.address().port, "127.0.0.1", ...(call ? [call] : []));
};

neonConfig.fetchFunction = async (url) => {
  seen = url.startsWith("https://") ? "own" : "clear";
  return Response.json({ fields: [], rows: [], command: "SELECT", rowCount: 0, rowAsArray: true });
};
neonConfig.webSocketConstructor = class {
  constructor(url) {
    seen = url.startsWith("wss://") ? "own" : "clear";
    throw new Error("far enough");
  }
};

// By library: make the client as its user does, and let it connect.
const feeders = {
  async pg({ callee, words }) {
    const made = new (require("pg")[callee.split(".").at(-1)])(...words);
    made.on("error", () => {});
    await made.connect();
  },
  "postgres.js": ({ words }) => require("postgres")(...words).unsafe(one),
  "neon-http": ({ words }) => neon(...words)`select 1`,
  async "neon-ws"({ words }) {
    const made = new NeonPool(...words);
    made.on("error", () => {});
    await made.connect();
  },
  knex: ({ words }) => require("knex")(...words).raw(one),
  async pgtyped({ words }) {
    const file = `${process.cwd()}/pgtyped-${answers.length}.json`; // it keeps what it has read by name
    writeFileSync(file, JSON.stringify(words[0]));
    const queue = new AsyncQueue();
    const exit = process.exit;
    await new Promise((done, failed) => {
      process.exit = () => failed(new Error("it ends the process when it is refused"));
      process.once("uncaughtException", failed); // it has no ears for errors of TLS
      queue.socket.on("error", failed).on("close", () => setImmediate(failed, new Error("closed")));
      startup(parseConfig(file).db, queue).then(done, failed);
    }).finally(() => {
      process.removeAllListeners("uncaughtException");
      process.exit = exit;
    });
  },
  sequelize: ({ words }) => new (require("sequelize").Sequelize)(...words).authenticate(),
};

const answers = [];
for (const client of clients) {
  seen = null;
  Object.assign(process.env, client.env);
  const { error } = await attempt(() => feeders[client.library](client));
  for (const name of Object.keys(client.env)) delete process.env[name];
  if (seen !== null) answers.push({ mode: seen });
  else answers.push(WRONG_NAME.test(error) ? { mode: "verify-full" } : { error: error ?? "no connection was opened" });
}
answer(answers);
