/**
 * What a machine costs the host before it runs: time and memory. Measured in a process of its own, so that
 * nothing of it is there before; the first machine compiles the core, the others find it compiled.
 */
import { spawnSync } from "node:child_process";
import { panic } from "../diagnostic.ts";
import type { MachineConfig } from "../machine/config.ts";

export interface MachineCost {
  /** Milliseconds to the first machine of a process, and to one more: the median of five. */
  readonly first: number;
  readonly another: number;
  /** Bytes by which the process grew for one machine all of whose memory was written, core included. */
  readonly memory: number;
}

const PROGRAM = `
const { Machine } = await import(process.argv[1]);
const config = JSON.parse(process.argv[2]);
const timed = async () => {
  const before = performance.now();
  const machine = await Machine.create(config);
  return [performance.now() - before, machine];
};
const resident = process.memoryUsage.rss();
const [first, machine] = await timed();
const page = new Uint8Array(4096).fill(255);
for (let at = 0; at < config.memoryBytes; at += page.length) machine.memory.copyIn(at, page);
const memory = process.memoryUsage.rss() - resident;
const times = [];
for (let i = 0; i < 5; i++) times.push((await timed())[0]);
console.log(JSON.stringify({ first, another: times.toSorted((a, b) => a - b)[2], memory }));
`;

export function measureMachine(config: MachineConfig): MachineCost {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const machine = new URL(`../machine/machine.${extension}`, import.meta.url).href;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      ...process.execArgv,
      "--input-type=module",
      "--eval",
      PROGRAM,
      machine,
      JSON.stringify(config),
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) panic(`bench: creating a machine: ${stderr}`);
  return JSON.parse(stdout) as MachineCost;
}
