/** Lists that came out of line in a reply. */
import { cameTo, type Caller, type Reply } from "../vm/caller.ts";

/** The words of one; throws when the call failed. */
export function wordsAt(caller: Caller, reply: Reply, name: string): number[] {
  if (reply.code !== 0) throw new Error(`${name}: ${reply.code}`);
  const { address, count } = cameTo(reply, name);
  return Array.from({ length: count }, (_, i) => caller.word(address + 4 * i)!);
}
