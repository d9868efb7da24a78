// A key and a certificate that signed itself, for one host name and one day.
import { generate } from "selfsigned";
import { answer, question } from "./probe.mjs";

const { host } = await question();
const made = await generate([{ name: "commonName", value: host }], {
  notAfterDate: new Date(Date.now() + 86_400_000),
  extensions: [
    { name: "basicConstraints", cA: true },
    { name: "subjectAltName", altNames: [{ type: 2, value: host }] },
  ],
});
answer({ private: made.private, cert: made.cert });
