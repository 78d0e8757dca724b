/**
 * The first script of every page: starts the simulator's worker before anything else is loaded, so that it has
 * its kernel ready when the first figure asks.
 */
import { startAhead } from "../../host/worker/client.ts";
import { unsupported } from "./lab.ts";

if (unsupported() === undefined) startAhead();
