/**
 * The paper's three configurations, as data. Nothing else in host/ asks "is this INKS?": the
 * kernel's boot reads one of these records, and everything follows from it.
 */

export interface Configuration {
  /** What `--config` and the `column` of a result row say. */
  readonly name: string;
  /** The head of the paper's column. */
  readonly title: string;
  /** Where the server runs: in its own address space, or in the kernel's at privilege 0. */
  readonly server: "user" | "kernel";
  /** How clients reach it: by messages, or by KMIG traps that fall back to messages. */
  readonly calls: "message" | "trap";
  readonly kernel: {
    /** Whether the kernel has the in-kernel server support at all (paper §2.3). */
    readonly inks: boolean;
    /** Trap tables hung off the server's task, as in what the paper measured (§3.4.3), not off ports. */
    readonly hazards?: readonly "wrong-port"[];
    /** Whether servers in the kernel have no task of their own (§3.4.2); by default they have. */
    readonly taskless?: boolean;
  };
}

const AS_MEASURED = Object.freeze({ inks: true, hazards: Object.freeze(["wrong-port"] as const) });

export const UNOPTIMIZED: Configuration = Object.freeze({
  name: "UNOPTIMIZED",
  title: "Unoptimized",
  server: "user",
  calls: "message",
  kernel: Object.freeze({ inks: false }),
});

export const INKS_MESSAGE: Configuration = Object.freeze({
  name: "INKS_MESSAGE",
  title: "INKS Message",
  server: "kernel",
  calls: "message",
  kernel: AS_MEASURED,
});

export const INKS_TRAP: Configuration = Object.freeze({
  name: "INKS_TRAP",
  title: "INKS Trap",
  server: "kernel",
  calls: "trap",
  kernel: AS_MEASURED,
});

/** In the order of the paper's columns. */
export const CONFIGURATIONS: readonly Configuration[] = [UNOPTIMIZED, INKS_MESSAGE, INKS_TRAP];
