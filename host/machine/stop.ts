/** Why a run ended, from what the core says. */
import { EXIT } from "../abi/machine.ts";
import { panic } from "../diagnostic.ts";
import { takeWatchHit, type WatchHit, type Watchpoint } from "./attach.ts";
import type { Core } from "./core.ts";

/** Why `run` returned. */
export type Stop =
  | { readonly reason: "limit" }
  | { readonly reason: "escape"; readonly number: number; readonly address: number }
  | { readonly reason: "halt"; readonly interruption: number }
  /** Before the instruction at a breakpoint. */
  | { readonly reason: "breakpoint"; readonly space: number; readonly address: number }
  /** Behind the instruction that met a watchpoint. */
  | { readonly reason: "watchpoint"; readonly hit: WatchHit };

/** What an exit of the core means; undefined when the run has only been cut and goes on. */
export function stopOf(core: Core, exit: number, points: readonly Watchpoint[]): Stop | undefined {
  switch (exit) {
    case EXIT.EXIT_LIMIT:
    case EXIT.EXIT_EVENTS:
    case EXIT.EXIT_HOT:
      return undefined;
    case EXIT.EXIT_ESCAPE:
      return {
        reason: "escape",
        number: core.state("escape_number"),
        address: core.state("escape_address"),
      };
    case EXIT.EXIT_HALT:
      return { reason: "halt", interruption: core.state("halt_interruption") };
    case EXIT.EXIT_BREAKPOINT: {
      const address = (core.state("front_offset") & ~3) >>> 0;
      return { reason: "breakpoint", space: core.state("front_space"), address };
    }
    case EXIT.EXIT_WATCHPOINT:
      return { reason: "watchpoint", hit: takeWatchHit(core, points) };
    default:
      return panic(`run: unknown exit ${exit}`);
  }
}
