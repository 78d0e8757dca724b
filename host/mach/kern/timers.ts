/**
 * The time that threads have used, and that tasks keep of threads that are gone: cycles in all, and of
 * these in user mode, as Mach's user and system timers. Kernel text does not touch them: who ran is known
 * between two of its runs, and what ran at which level the machine counts.
 */
interface Timers {
  cycles_high: number;
  cycles_low: number;
  user_cycles_high: number;
  user_cycles_low: number;
}

export const cyclesOf = ({ cycles_high, cycles_low }: Timers): number =>
  cycles_high * 2 ** 32 + cycles_low;

/** Of these, in user mode. */
export const userCyclesOf = ({ user_cycles_high, user_cycles_low }: Timers): number =>
  user_cycles_high * 2 ** 32 + user_cycles_low;

export function addTimes(timers: Timers, cycles: number, user: number): void {
  const all = cyclesOf(timers) + cycles;
  timers.cycles_high = Math.floor(all / 2 ** 32);
  timers.cycles_low = all % 2 ** 32;
  const outside = userCyclesOf(timers) + user;
  timers.user_cycles_high = Math.floor(outside / 2 ** 32);
  timers.user_cycles_low = outside % 2 ** 32;
}
