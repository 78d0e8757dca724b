/**
 * What a server's place costs in memory (§3.4.5): of the kernel's address space, and of real memory, once
 * everything that can leave has left and calls bring back what they need. The stacks on which clients
 * trap are the server's memory in all configurations, but only trapping clients use them.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { panic } from "../../diagnostic.ts";
import { vm_pageout_all } from "../../mach/vm/vm-pageout.ts";
import type { VmMap, VmMapEntry } from "../../mach/vm/vm-map.ts";
import { GuestStopped } from "../../mach/fault.ts";
import type { Configuration } from "../configurations.ts";
import type { Experiment, Measurement, MeasureOptions } from "../experiment.ts";
import { type RpcBed, rpcBed } from "../rpc/bed.ts";
import { kindOfCall } from "../rpc/programs.ts";
import { COLUMNS, measureEach } from "./cells.ts";

const { GATEWAY, PAGE_SIZE } = MEMORY_MAP;
const CALLS = 16;
/** The server registers, and waits. */
const BOOT = 2_000_000;
/** Far more than the calls take, with the paging disk's time. */
const MOST_CYCLES = 1_000_000_000;

type Range = readonly [start: number, end: number];

/** Memory that somebody maps: neither submaps nor the gateway. */
const mapped = ({ entries }: VmMap): VmMapEntry[] =>
  entries.filter(({ submap, start }) => !submap && start < GATEWAY);
const pagesOf = (entries: readonly VmMapEntry[]): number =>
  entries.reduce((sum, { start, end }) => sum + (end - start) / PAGE_SIZE, 0);

/** Pages of a range that are in real memory. */
function resident(entries: readonly VmMapEntry[], [from, to]: Range): number {
  let pages = 0;
  for (const entry of entries)
    for (let at = Math.max(entry.start, from); at < Math.min(entry.end, to); at += PAGE_SIZE) {
      let { object, offset } = entry;
      for (offset += at - entry.start; object; object = object.shadow) {
        if (object.pages.get(offset)?.absent === false) {
          pages += 1;
          break;
        }
        offset += object.shadowOffset;
      }
    }
  return pages;
}

function stacksOf({ kernel, server, programs }: RpcBed): Range {
  const symbol = (name: string): number =>
    programs.server.symbols.get(name) ?? panic(`memory: no ${name}`);
  const start = symbol("service_stacks");
  const entry = kernel
    .vmMapOf(server.task)
    .entries.find((each) => each.start <= start && start < each.end);
  return [start, entry?.end ?? panic("memory: no stacks")];
}

export const memory: Experiment = {
  id: "memory",
  title: "Memory of a server by its place",
  unit: "pages",
  rows: [
    { id: "kernel-space", title: "Of the kernel's address space" },
    { id: "idle", title: "In memory, of an idle server when memory was short" },
    { id: "called", title: "In memory, of a server that is called" },
    { id: "stacks", title: "Of these, stacks of trapping clients" },
  ],
  columns: COLUMNS,
  baseline: null,
  mostIterations: CALLS,
  role: () => "predicted",
  async run(column, options) {
    const [cells] = await measureEach([column], options, ({ configuration }) =>
      measureMemory(configuration, options.machine),
    );
    return cells!;
  },
};

async function measureMemory(
  configuration: Configuration,
  machine: MeasureOptions["machine"],
): Promise<Measurement[]> {
  const bed = await rpcBed(configuration, { ...(machine && { machine }) });
  const { kernel, server, client, names } = bed;
  kernel.run({ cycles: BOOT });
  vm_pageout_all(kernel.vm);
  const idle = resident(mapped(kernel.vmMapOf(server.task)), [0, GATEWAY]);
  kernel.start(client, [names.send, kindOfCall("null", configuration.calls === "trap"), CALLS]);
  if (kernel.run({ cycles: MOST_CYCLES }) !== "idle") throw new GuestStopped(kernel.guestState());
  const entries = mapped(kernel.vmMapOf(server.task));
  // No cycles are behind these figures.
  const cell = (row: string, value: number, detail: Measurement["detail"] = {}): Measurement => ({
    ...{ row, value, earned: 0, declared: 0, detail },
  });
  const { kernelVmMap } = kernel;
  return [
    cell("kernel-space", pagesOf(mapped(kernelVmMap)), { entries: kernelVmMap.entries.length }),
    cell("idle", idle),
    cell("called", resident(entries, [0, GATEWAY])),
    cell("stacks", resident(entries, stacksOf(bed))),
  ];
}
