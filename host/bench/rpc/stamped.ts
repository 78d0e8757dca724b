/**
 * The authors' instrumentation of the 128 InOut call (paper §4.3): between stages the clock is read
 * and stored in the call's one argument, 32 words "used to store timestamps at successive stages of
 * the message path". Here are the instructions for client, stubs and work function, put into the very
 * text that runs without them; the kernel's are in mach/asm/macros.s. What a trap's stages cannot put
 * in the argument, because it is out of reach, they put in words of page zero.
 */
import { panic } from "../../diagnostic.ts";
import type { KmigOutput } from "../../kmig/kmig.ts";

/** The assembly texts of both programs. */
export interface RpcTexts {
  readonly client: string;
  readonly user: string;
  readonly server: string;
  readonly serverStubs: string;
  readonly trapStubs: string;
}

const ROUTINE = "rpc_inout128";

/**
 * Words of the argument. The kernel's words 2 3 6 7 10 11 of a request are 0 1 4 5 8 9 of a reply,
 * where the argument lies two words further on; its words of page zero are 0 to 3 and 6.
 */
const WORD = {
  packing: 12,
  calling: 13,
  checking: 14,
  working: 15,
  worked: 16,
  replying: 17,
  called: 18,
  leaving: 19,
  /** The client's second reading, after the call. */
  returned: 20,
} as const;
const KERNEL_WORD = { copying: 4, copied: 5 } as const;

const argument = (word: number) => ({ of: "argument", word }) as const;
const kernel = (word: number) => ({ of: "kernel", word }) as const;

/** Where the end of each stage of Table 1 and of Table 2 is stored, by how calls are made. */
export const STAMPS = {
  message: [
    WORD.packing, WORD.calling, 2, 3, 6, 7, 10, 11, WORD.checking, WORD.working, WORD.worked,
    WORD.replying, 0, 1, 4, 5, 8, 9, WORD.called, WORD.leaving, WORD.returned,
  ].map(argument),
  trap: [
    argument(WORD.packing), kernel(0), kernel(1), kernel(2), kernel(3), kernel(KERNEL_WORD.copying),
    argument(WORD.working), argument(WORD.worked), kernel(KERNEL_WORD.copied), kernel(6),
    argument(WORD.leaving), argument(WORD.returned),
  ],
} as const; // prettier-ignore

const stamp = (place: string) => `\tmfctl\t%cr16,%r31\n\tstw\t%r31,${place}\n`;
const inKernel = (word: number) => stamp(`STAMP_WORDS+${4 * word}(%r0)`);

/** Puts the instrumentation into the texts. */
export function withStamps(texts: RpcTexts, { routines }: KmigOutput): RpcTexts {
  const { request, reply } = routines.find(({ userName }) => userName === ROUTINE)!;
  const [sent, received] = [request.data.get("data")!, reply!.data.get("data")!];
  const at = (word: number, base: string, data = 0) => stamp(`${data + 4 * word}(${base})`);

  const user = within(texts.user, `${ROUTINE}_message`, (stub) => {
    const message = register(stub, /ldo\t.*,(%r\d+)\t; InP/);
    const array = register(stub, /copy\t%r25,(%r\d+)/);
    return [
      after(/\t\.probe\tkmig\.user\.pack\n/, at(WORD.packing, "%arg1")),
      before(/\tbl\tmach_msg,/, at(WORD.calling, message, sent)),
      after(/\tbl\tmach_msg,.*\n.*\n/, at(WORD.called, message, received)),
      after(/\t\.probe\tkmig\.user\.leave\n/, at(WORD.leaving, array)),
    ].reduce(apply, stub);
  });
  return {
    client: apply(
      texts.client,
      after(/\tmfctl\t%cr16,%r10\n/, `\tstw\t%r10,${4 * WORD.returned}(%r8)\n`),
    ),
    user: within(user, ROUTINE, (stub) =>
      [
        before(/^/, at(WORD.packing, "%arg1")),
        after(/\tble\t4\(%sr7,%r1\)\n.*\n/, at(WORD.leaving, "%arg1")),
      ].reduce(apply, stub),
    ),
    server: texts.server,
    serverStubs: within(texts.serverStubs, `_X${ROUTINE}`, (stub) => {
      const message = register(stub, /copy\t%r26,(%r\d+)\t; In0P/);
      const out = register(stub, /copy\t%r25,(%r\d+)\t; OutP/);
      return [
        after(/\t\.probe\tkmig\.server\.check\n/, at(WORD.checking, "%arg0", sent)),
        after(/\t\.probe\tkmig\.server\.work\n/, at(WORD.working, message, sent)),
        after(WORK_CALL, at(WORD.worked, message, sent)),
        after(/\t\.probe\tkmig\.server\.leave\n/, at(WORD.replying, out, received)),
      ].reduce(apply, stub);
    }),
    trapStubs: within(texts.trapStubs, `_T${ROUTINE}`, (stub) => {
      const local = register(stub, /ldo\t(-\d+\(%r30\)),%r25\n\tbl\tserver_/);
      const [, offset, base] = /^(-\d+)\((%r30)\)$/.exec(local)!;
      return [
        after(/\t\.probe\tkmig\.trap\.copy\n/, inKernel(KERNEL_WORD.copying)),
        after(/\t\.probe\tkmig\.trap\.work\n/, at(WORD.working, base!, Number(offset))),
        after(WORK_CALL, at(WORD.worked, base!, Number(offset))),
        after(/\t\.probe\tkmig\.trap\.leave\n/, inKernel(KERNEL_WORD.copied)),
      ].reduce(apply, stub);
    }),
  };
}

const WORK_CALL = new RegExp(`\\tbl\\tserver_${ROUTINE},.*\\n.*\\n`);

interface Insertion {
  readonly pattern: RegExp;
  readonly insert: (found: string) => string;
}

const before = (pattern: RegExp, text: string): Insertion => ({
  pattern,
  insert: (found) => text + found,
});
const after = (pattern: RegExp, text: string): Insertion => ({
  pattern,
  insert: (found) => found + text,
});

function apply(text: string, { pattern, insert }: Insertion): string {
  if (!pattern.test(text)) panic(`withStamps: no ${pattern.source}`);
  return text.replace(pattern, insert);
}

/** Edits the instructions of one procedure. */
function within(text: string, name: string, edit: (body: string) => string): string {
  const label = `\n${name}:\n`;
  const start = text.indexOf(label) + label.length;
  if (start < label.length) panic(`withStamps: no ${name}`);
  const next = text.indexOf("\n\t.align", start);
  const end = next < 0 ? text.length : next;
  return text.slice(0, start) + edit(text.slice(start, end)) + text.slice(end);
}

function register(stub: string, pattern: RegExp): string {
  return pattern.exec(stub)?.[1] ?? panic(`withStamps: no ${pattern.source}`);
}
