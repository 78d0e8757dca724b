/**
 * What an in-kernel server and the kernel agree on (paper §2.3, §3.3): the registration record that
 * KMIG generates for each subsystem.
 *
 * A server hands an array of `inks_registration` to the kernel's registration trap. For a trap
 * numbered n with base ≤ n < base + count the kernel calls `vector[n - base]`, unless it is 0.
 * A stub has the same argument layout as the C procedure it stands for: registers r26–r23, further
 * words at sp−52, sp−56 …; nobody says how many, so the kernel copies as many as there may be.
 */
import { numbers, struct } from "./struct.ts";

/** One subsystem's traps: first number, how many, and a vector of stub addresses (0: send a message). */
export const inksRegistration = struct("inks_registration", "INKS_REGISTRATION", {
  base: "u32",
  count: "u32",
  vector: "u32",
});

export const INKS_ARGUMENTS = numbers("", {
  /** Most argument words of a trap: four registers and eight words of the user's stack. */
  INKS_ARGUMENTS_MOST: 12,
});

export const STRUCTS = [inksRegistration];
export const CONSTANTS = [INKS_ARGUMENTS];
