/**
 * The FPU of the machine as the kernel's lazy switch leaves it: its registers are those of the PCB in
 * `cpu.fpu_owner`, whoever runs; other threads' are in their PCBs (asm/trap.s).
 */
import { pcb } from "../abi/hp700.ts";
import { CR } from "../abi/pa.ts";
import type { Machine } from "../machine/machine.ts";
import type { KernelState } from "./kern/state.ts";
import type { FloatRegisters } from "./kern/thread-state.ts";

export class MachineFloatRegisters implements FloatRegisters {
  readonly #k: Pick<KernelState, "cpu" | "memory">;
  readonly #machine: Machine;

  constructor(k: Pick<KernelState, "cpu" | "memory">, machine: Machine) {
    this.#k = k;
    this.#machine = machine;
  }

  flush(block: number): void {
    if (this.#k.cpu.fpu_owner !== block) return;
    for (let i = 0; i < 32; i++) {
      const bits = this.#machine.fr(i);
      this.#k.memory.write32(block + pcb.offset.sf + 8 * i, Number(bits >> 32n));
      this.#k.memory.write32(block + pcb.offset.sf + 8 * i + 4, Number(bits & 0xffffffffn));
    }
  }

  discard(block: number): void {
    if (this.#k.cpu.fpu_owner !== block) return;
    this.#k.cpu.fpu_owner = 0;
    this.#machine.setCr(CR.CR_CCR, 0);
  }
}
