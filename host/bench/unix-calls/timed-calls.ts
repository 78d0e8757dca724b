/**
 * The size of Table 4's runs: apart from what runs them, which is loaded where somebody asks for the table.
 */

/** Timed calls of each kind (CALLS and TRANSFERS of calls.s). */
export const TIMED_CALLS = 512;
