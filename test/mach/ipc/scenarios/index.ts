/** Every scenario, in the order in which one would read them. */
import type { Scenario } from "../scenario.ts";
import { EDGE_SCENARIOS } from "./edges.ts";
import { ERROR_SCENARIOS } from "./errors.ts";
import { RIGHT_SCENARIOS } from "./rights.ts";
import { RPC_SCENARIOS } from "./rpc.ts";
import { SET_SCENARIOS } from "./sets.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...RPC_SCENARIOS,
  ...EDGE_SCENARIOS,
  ...ERROR_SCENARIOS,
  ...RIGHT_SCENARIOS,
  ...SET_SCENARIOS,
];
