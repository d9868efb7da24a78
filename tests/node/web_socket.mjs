// Whether this Node has a WebSocket of its own.
import { answer } from "./probe.mjs";

answer(typeof WebSocket !== "undefined");
