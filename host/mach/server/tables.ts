/** Everything that the kernel answers by message, table by table. */
import { DEFAULT_PAGER_ROUTINES } from "./default-pager-routines.ts";
import { DEVICE_ROUTINES } from "./device-routines.ts";
import { HOST_ROUTINES } from "./host-routines.ts";
import { MACH_PORT_ROUTINES } from "./mach-port-routines.ts";
import { PAGER_ROUTINES } from "./pager-routines.ts";
import type { RoutineTable } from "./routines.ts";
import { TASK_ROUTINES } from "./task-routines.ts";
import { THREAD_ROUTINES } from "./thread-routines.ts";
import { VM_ROUTINES } from "./vm-routines.ts";

export const ROUTINE_TABLES: readonly RoutineTable[] = [
  MACH_PORT_ROUTINES,
  TASK_ROUTINES,
  THREAD_ROUTINES,
  ...HOST_ROUTINES,
  ...DEVICE_ROUTINES,
  ...VM_ROUTINES,
  PAGER_ROUTINES,
  DEFAULT_PAGER_ROUTINES,
];
