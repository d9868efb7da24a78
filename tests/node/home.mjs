// Imported for its effect: every later look-up of a host name gives 127.0.0.1.
import dns from "node:dns";

dns.lookup = (name, options, done) => {
  const call = typeof options === "function" ? options : done;
  const all = typeof options === "object" && options?.all;
  process.nextTick(() => (all ? call(null, [{ address: "127.0.0.1", family: 4 }]) : call(null, "127.0.0.1", 4)));
};
