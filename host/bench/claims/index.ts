/**
 * The paper's claims, as far as there are experiments to hold them against. Only experiment.ts and
 * tests may import this, for the reason given in paper.ts.
 */
import type { Claim } from "./claim.ts";
import { COPY_CLAIMS } from "./copies.ts";
import { EXPERIMENT_CLAIMS } from "./experiments.ts";
import { KERNEL_CALL_CLAIMS } from "./kernel-calls.ts";
import { MACRO_CLAIMS } from "./macro.ts";
import { RPC_CLAIMS } from "./rpc.ts";
import { STAGE_CLAIMS } from "./stages.ts";
import { UNIX_CALL_CLAIMS } from "./unix-calls.ts";

export const CLAIMS: readonly Claim[] = [
  ...STAGE_CLAIMS,
  ...COPY_CLAIMS,
  ...RPC_CLAIMS,
  ...UNIX_CALL_CLAIMS,
  ...KERNEL_CALL_CLAIMS,
  ...MACRO_CLAIMS,
  ...EXPERIMENT_CLAIMS,
];
