/**
 * The first script of every page: has the simulator's worker prepare its kernel before the first figure asks.
 * Behind the first frame, as the worker itself starts: the text comes first.
 */
import { startAhead } from "../../host/worker/client.ts";
import { unsupported } from "./lab.ts";

if (unsupported() === undefined) requestAnimationFrame(() => setTimeout(startAhead));
