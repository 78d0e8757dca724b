/**
 * Where the three parties of the micro RPC test lie: addresses that an experiment may choose. Caches
 * are indexed by virtual addresses, so placement is a parameter like any other (paper §4.6).
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { KERNEL_LAYOUT, type KernelLayout } from "../../mach/text.ts";

export interface RpcLayout {
  readonly client: { readonly text: number; readonly data: number; readonly stack: number };
  /** Within the window for servers that may move into the kernel. */
  readonly server: {
    readonly text: number;
    /** The page behind the text by default. */
    readonly data?: number;
    /** Above text and data by default. */
    readonly stack?: number;
  };
  readonly kernel: KernelLayout;
}

export const RPC_LAYOUT: RpcLayout = {
  client: {
    text: MEMORY_MAP.USER_TEXT,
    data: MEMORY_MAP.USER_DATA,
    stack: MEMORY_MAP.USER_STACK,
  },
  server: { text: MEMORY_MAP.SERVER_BASE },
  kernel: KERNEL_LAYOUT,
};
