/** Everything that processes take in the kernel and in the server, by name. */
import { census, checkKernel } from "../../../host/mach/ipc/census.ts";
import type { UnixMachine } from "../../../host/osf1/boot.ts";

export function holdings({ kernel, osf1 }: UnixMachine): Record<string, unknown> {
  const { vm } = kernel;
  const { unix, tasks } = osf1() ?? {};
  return {
    ...census(kernel),
    freePages: vm.pages.freeCount,
    objects: vm.objects.size,
    copies: vm.copies.size,
    entries: [...vm.maps.values()].map((map) => [...map.entries].length),
    processes: unix?.processes.size,
    vnodes: unix?.vnodes.size,
    openFiles: unix?.openFiles,
    timers: unix?.timers.count,
    pagedFiles: tasks?.pager.size,
    problems: checkKernel(kernel),
  };
}
