/** Claims about the experiment `copies`: how often an argument is copied on its way. */
import { type Claim, exactly, IN, type Measured, OUT, TRAP } from "./claim.ts";

const copiesOf = (kind: string, by: Readonly<Record<"message" | "trap", number>>) => ({
  where: "§4.3",
  tables: ["copies"],
  bounds: (of: Measured) => [
    exactly("by message", "copies", of.figure("copies", kind, OUT).value, by.message),
    exactly("by message, in kernel", "copies", of.figure("copies", kind, IN).value, by.message),
    exactly("by trap", "copies", of.figure("copies", kind, TRAP).value, by.trap),
  ],
});

export const COPY_CLAIMS: readonly Claim[] = [
  {
    id: "copies-by-value",
    sentence:
      "Simple stack-based In parameters are copied only once (client stack to server stack) " +
      "instead of four times",
    ...copiesOf("value", { message: 4, trap: 1 }),
  },
  {
    id: "copies-in",
    sentence: "Pointer-based In parameters are copied once instead of three times",
    ...copiesOf("in", { message: 3, trap: 1 }),
  },
  {
    id: "copies-out",
    sentence: "Out parameters are similarly reduced from three copies to one",
    ...copiesOf("out", { message: 3, trap: 1 }),
  },
  {
    id: "copies-inout",
    sentence: "Inout parameters are copied only twice instead of seven times",
    ...copiesOf("inout", { message: 7, trap: 2 }),
  },
];
