// The defaults of postgres.js, without connecting.
import { answer, require } from "./probe.mjs";

const { max, prepare, idle_timeout, connect_timeout, ssl } = require("postgres")("postgresql://app:pw@h/d").options;
answer({ max, prepare, idle_timeout, connect_timeout, ssl });
