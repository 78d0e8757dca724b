/**
 * The experiments: the paper's tables in their order, then what its text says beside them. An explicit
 * list: bundlers and readers see the same.
 */
import type { Experiment } from "./experiment.ts";
import { latency } from "./experiments/latency.ts";
import { memory } from "./experiments/memory.ts";
import { out1024 } from "./experiments/out1024.ts";
import { ownStack } from "./experiments/own-stack.ts";
import { placement } from "./experiments/placement.ts";
import { runs } from "./experiments/runs.ts";
import { serverTask } from "./experiments/server-task.ts";
import { sizes } from "./experiments/sizes.ts";
import { stamps, stampsTrap } from "./experiments/stamps.ts";
import { structCopy } from "./experiments/struct-copy.ts";
import { table1 } from "./table1.ts";
import { table2 } from "./table2.ts";
import { table3 } from "./table3.ts";
import { table4 } from "./table4.ts";
import { table5 } from "./table5.ts";
import { table6 } from "./table6.ts";
import { table7, table8 } from "./tables7-8.ts";
import { copies } from "./validation/copies.ts";
import { procedureCall } from "./validation/procedure-call.ts";

export const EXPERIMENTS: readonly Experiment[] = [
  table1,
  table2,
  table3,
  table4,
  table5,
  table6,
  table7,
  table8,
  copies,
  procedureCall,
  stamps,
  stampsTrap,
  sizes,
  structCopy,
  ownStack,
  serverTask,
  latency,
  memory,
  runs,
  out1024,
  placement,
];
