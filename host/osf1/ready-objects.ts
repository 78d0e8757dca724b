/** The server's and the emulators' objects, if a build assembled them ahead. */
import { readyLists } from "../asm/pack-objects.ts";
import { PACKED_OBJECTS } from "./packed-objects.ts";

/** A list of objects by its name; none when texts may have changed since. */
export const readyObjects = readyLists(PACKED_OBJECTS);
