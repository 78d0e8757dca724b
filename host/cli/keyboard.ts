/** Interrupts from the keyboard, for runs that can say where they were. */
import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Takes an interrupt from the keyboard, so that the run can say where it was. While the program waits for
 * a stream nothing here can run: the interrupt then ends the command as it ends any. One that comes in the
 * instant in which a wait begins is lost with the listener that Node takes away; the next one counts.
 */
export function listen() {
  let asked = false;
  const note = (): void => {
    asked = true;
  };
  process.on("SIGINT", note);
  return {
    async interrupted(): Promise<boolean> {
      await nextTurn();
      return asked;
    },
    waiting<T>(action: () => T): T {
      process.off("SIGINT", note);
      try {
        return action();
      } finally {
        process.on("SIGINT", note);
      }
    },
    stop: () => void process.off("SIGINT", note),
  };
}
