// Node 20's module hooks do not reach worker threads: this registers them there, then starts the
// TypeScript worker. Only for running from source; compiled code needs no boot.
import { workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
await import(workerData.entry);
