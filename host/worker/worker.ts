/**
 * Entry of the simulator's worker, in browsers and in Node. Exposes the API before anything is
 * awaited: a call posted during a top-level await would be lost, and never settle.
 */
import { parent } from "#platform";
import * as Comlink from "comlink";
import { WorkerApi } from "./api.ts";

Comlink.expose(new WorkerApi(), parent());
