/**
 * Cross-domain calls that others measured, 1989 to 2021, each with its source and how sure we are of it,
 * beside what is measured on this page. Cycles of different machines are not the same thing; they are the
 * nearest there is to a common measure.
 */

/** How a figure got here. */
export type Confidence = "read" | "remembered" | "unchecked";

export interface Comparator {
  readonly system: string;
  readonly year: number;
  readonly what: string;
  /** Cycles of a call and its return. */
  readonly cycles: number;
  /** The time that the cycles stand for, where a time is what was measured. */
  readonly derived?: string;
  readonly machine: string;
  readonly source: string;
  readonly confidence: Confidence;
}

const LIEDTKE = "Liedtke, On µ-Kernel Construction, SOSP 1995";
const HAERTIG = "Härtig et al., The Performance of µ-Kernel-Based Systems, SOSP 1997";
const IPCPERF = "Bershad, Draves, Forin: Mach IPC measurements on an HP 720, CMU 1992";
const LRPC_CYCLES =
  "Bershad et al., Lightweight Remote Procedure Call, TOCS 1990; the cycles as Liedtke has them, SOSP 1995";
const OSF =
  "Condict et al., Microkernel Modularity with Integrated Kernel Performance, OSF RI 1994";

export const CALLS: readonly Comparator[] = [
  { system: "SRC RPC", year: 1989, what: "null call", cycles: 5800, derived: "464 µs", machine: "CVAX Firefly", source: LRPC_CYCLES, confidence: "unchecked" },
  { system: "LRPC", year: 1989, what: "null call", cycles: 1950, derived: "157 µs", machine: "CVAX Firefly", source: LRPC_CYCLES, confidence: "unchecked" },
  { system: "Mach 3.0 (CMU)", year: 1992, what: "cross-address-space call", cycles: 3600, machine: "HP 9000/720, 50 MHz", source: IPCPERF, confidence: "read" },
  { system: "Mach, as L4’s author measured", year: 1995, what: "1-byte call", cycles: 11500, derived: "230 µs at 50 MHz", machine: "486, 50 MHz", source: LIEDTKE, confidence: "unchecked" },
  { system: "L4", year: 1995, what: "1-byte call", cycles: 500, derived: "10 µs at 50 MHz", machine: "486, 50 MHz", source: LIEDTKE, confidence: "unchecked" },
  { system: "QNX", year: 1995, what: "call", cycles: 2500, derived: "76 µs at 33 MHz", machine: "486, 33 MHz", source: LIEDTKE, confidence: "unchecked" },
  { system: "Spring", year: 1995, what: "call", cycles: 440, derived: "11 µs at 40 MHz", machine: "SPARC, 40 MHz", source: LIEDTKE, confidence: "unchecked" },
  { system: "MkLinux, server in user mode", year: 1997, what: "getpid", cycles: 14710, derived: "110.6 µs at 133 MHz", machine: "Pentium, 133 MHz", source: HAERTIG, confidence: "remembered" },
  { system: "MkLinux, server in the kernel", year: 1997, what: "getpid", cycles: 2050, derived: "15.4 µs at 133 MHz", machine: "Pentium, 133 MHz", source: HAERTIG, confidence: "remembered" },
  { system: "L4Linux", year: 1997, what: "getpid", cycles: 526, derived: "3.95 µs at 133 MHz", machine: "Pentium, 133 MHz", source: HAERTIG, confidence: "remembered" },
  { system: "Linux", year: 1997, what: "getpid", cycles: 223, derived: "1.68 µs at 133 MHz", machine: "Pentium, 133 MHz", source: HAERTIG, confidence: "remembered" },
  { system: "SPIN, protected call in the kernel", year: 1995, what: "null call", cycles: 17, derived: "0.13 µs at 133 MHz", machine: "Alpha, 133 MHz", source: "SPIN project page, University of Washington", confidence: "read" },
  { system: "Singularity, kernel call", year: 2007, what: "kernel API call", cycles: 80, machine: "PC", source: "Aiken et al.; Hunt and Larus, Singularity, 2006–07", confidence: "remembered" },
  { system: "Singularity, message", year: 2007, what: "ping-pong", cycles: 1000, machine: "PC", source: "Hunt and Larus, Singularity, 2007", confidence: "remembered" },
  { system: "seL4", year: 2020, what: "round trip", cycles: 834, machine: "x86-64", source: "Narayanan et al., RedLeaf, OSDI 2020", confidence: "remembered" },
  { system: "RedLeaf, language isolation", year: 2020, what: "cross-domain call", cycles: 124, machine: "x86-64", source: "Narayanan et al., RedLeaf, OSDI 2020", confidence: "remembered" },
  { system: "Linux, system call", year: 2021, what: "null call", cycles: 222, machine: "x86-64, with mitigations", source: "Kuenzer et al., Unikraft, EuroSys 2021", confidence: "remembered" },
  { system: "Unikraft, function call", year: 2021, what: "null call", cycles: 4, machine: "x86-64", source: "Kuenzer et al., Unikraft, EuroSys 2021", confidence: "remembered" },
]; // prettier-ignore

/** What moving the server into the kernel gained, where both placements were measured. */
export interface Placed {
  readonly system: string;
  readonly year: number;
  readonly what: string;
  readonly outside: number;
  readonly inside: number;
  readonly unit: string;
  readonly source: string;
  readonly confidence: Confidence;
}

export const PLACED: readonly Placed[] = [
  { system: "OSF MK6, collocated server", year: 1994, what: "getuid", outside: 138, inside: 31, unit: "µs", source: OSF, confidence: "read" },
  { system: "MkLinux, collocated server", year: 1997, what: "getpid", outside: 110.6, inside: 15.4, unit: "µs", source: HAERTIG, confidence: "remembered" },
]; // prettier-ignore

export const SAID: Readonly<Record<Confidence, string>> = {
  read: "read in the source named",
  remembered: "from memory, believed right",
  unchecked: "from memory, to be checked",
};
