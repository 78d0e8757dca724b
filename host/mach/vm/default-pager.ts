/**
 * The default pager: a thread of the bootstrap task, inside the kernel (paper §3.1), that writes the
 * paging space's pages to a partition of the disk and reads them back, one transfer at a time. It needs
 * no memory of its own while memory is short, and so cannot wait for itself. The kernel, its only
 * client, is in its address space: there are no messages between them.
 *
 * The partition is the drive's last cylinders. Its blocks are kept apart from the drive's image, so that
 * a file system that was made for the whole drive keeps its own.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { type Disk, DiskImage } from "../device/disk.ts";
import { diskSectors } from "../device/disk-timing.ts";
import { type Procedure, thread_wakeup, type Wait } from "../kern/procedure.ts";
import type { KernelState } from "../kern/state.ts";
import {
  CLUSTER,
  type PagedPage,
  PAGING_MILLISECONDS,
  type PagingSpace,
  type PagingStore,
} from "./paging-space.ts";

const { PAGE_SIZE } = MEMORY_MAP;

interface Job {
  readonly page: PagedPage;
  readonly isWrite: boolean;
}

export class DefaultPager implements PagingStore {
  readonly #k: KernelState;
  readonly #disk: Disk;
  readonly #image = new DiskImage();
  /** The partition's first sector. */
  readonly #first: number;
  readonly #jobs: Job[] = [];
  #atWork: Job | undefined;

  /** Takes the paging space over: what is in it will be written. */
  constructor(k: KernelState, disk: Disk, space: PagingSpace) {
    this.#k = k;
    this.#disk = disk;
    const pageSectors = PAGE_SIZE / disk.parameters.sectorBytes;
    this.#first = Math.max(0, diskSectors(disk.parameters) - space.pages * pageSectors);
    space.store = this;
  }

  write(page: PagedPage): void {
    this.#add({ page, isWrite: true });
  }
  fetch(page: PagedPage): Wait {
    return this.#waitFor(this.#add({ page, isWrite: false }), 1);
  }
  written(): Wait | undefined {
    const last = this.#jobs.findLast(({ isWrite }) => isWrite) ?? this.#atWork;
    return last && this.#waitFor(last, Math.ceil(this.#jobs.length / CLUSTER));
  }
  read(slot: number): Uint8Array {
    return this.#image.read(slot * PAGE_SIZE, PAGE_SIZE);
  }

  #add(job: Job): Job {
    this.#jobs.push(job);
    thread_wakeup(this.#k, this);
    return job;
  }
  #waitFor(event: Job, transfers: number): Wait {
    const onTheSpot = transfers * PAGING_MILLISECONDS;
    return { event, interruptible: false, onTheSpot };
  }

  /** The thread: reads before writes, and writes of neighbouring slots together. It never ends. */
  *run(): Procedure<never> {
    for (;;) {
      const jobs = this.#next();
      this.#atWork = jobs.at(-1);
      if (!this.#atWork) {
        yield { event: this, interruptible: false };
        continue;
      }
      const live = jobs.filter(({ page }) => !page.isGone);
      if (live.length > 0) yield* this.#transfer(live);
      this.#atWork = undefined;
      for (const job of jobs) thread_wakeup(this.#k, job);
    }
  }

  #next(): Job[] {
    const read = this.#jobs.findIndex(({ isWrite }) => !isWrite);
    if (read >= 0) return this.#jobs.splice(read, 1);
    const isNext = (job: Job, i: number): boolean =>
      i === 0 || job.page.slot === this.#jobs[i - 1]!.page.slot + 1;
    let count = 0;
    while (count < Math.min(CLUSTER, this.#jobs.length) && isNext(this.#jobs[count]!, count))
      count += 1;
    return this.#jobs.splice(0, count);
  }

  *#transfer(jobs: readonly Job[]): Procedure<void> {
    const written = jobs.map(({ page }) => page.bytes);
    const [{ page, isWrite }] = jobs as [Job];
    const sectors = PAGE_SIZE / this.#disk.parameters.sectorBytes;
    const sector = this.#first + page.slot * sectors;
    yield* this.#disk.occupy(sector, jobs.length * sectors, isWrite);
    if (!isWrite) return;
    jobs.forEach(({ page: { slot } }, i) => {
      if (written[i]) this.#image.write(slot * PAGE_SIZE, written[i]);
    });
    for (const { page: done } of jobs) if (!done.isGone) done.bytes = undefined;
  }
}
