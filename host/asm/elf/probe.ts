/** How an ELF file keeps a marked address (`.probe NAME`): as a local symbol, which GNU ld carries along. */

/** What the symbol's name has before the probe's. */
export const PROBE_PREFIX = ".probe.";
