/** The console's terminal: what lines, editors and pagers write, and where it leaves text and cursor. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { plainText, Screen } from "../../notebooks/lab/screen.ts";
import { seeded } from "../support/seed.ts";

const rows = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`).join("\n");

test.each([
  ["lines", "one\r\ntwo", "one\ntwo"],
  ["an erase as an echo does it", "abc\b \bd", "abd"],
  ["a carriage return", "12345\rab", "ab345"],
  ["tabs", "a\tb", "a       b"],
  ["erased to the end of the line", "abcdef\r\x1b[2C\x1b[K!", "ab!"],
  ["erased from its beginning", "abcdef\x1b[3D\x1b[1K", "    ef"],
  ["characters taken out and put in", "abcdef\r\x1b[2P\x1b[1@X", "Xcdef"],
  ["an editor's screen", "$ vi\r\n\x1b[H\x1b[Jfirst\r\n~\x1b[24;1H\x1b[1m-- x\x1b[0m\x1b[1;3H", `first\n~${"\n".repeat(22)}-- x`],
  ["places that are none", "\x1b[99;99Hx\x1b[0;0Hy", `y${"\n".repeat(23)}${" ".repeat(79)}x`],
  ["a cursor kept and put back", "ab\x1b7cd\x1b8X", "abXd"],
  ["letters of other alphabets, titles, colours", "\x1b(Bä\x1b[31mö\x1b[m", "äö"],
  ["a line of more than 80", "x".repeat(81), `${"x".repeat(80)}\nx`],
  ["exactly 80, and what follows", `${"x".repeat(80)}\r\ny`, `${"x".repeat(80)}\ny`],
  ["what scrolled out stays", rows(1, 30).replaceAll("\n", "\r\n") + "\x1b[Htop", rows(1, 30).replace("line 7", "top 7").replace("top 7", "tope 7")],
])("%s", (_what, written, shown) => {
  const screen = new Screen();
  screen.write(written);
  expect(screen.text).toBe(shown);
  // In pieces, too, whatever they cut apart.
  const again = new Screen();
  for (const letter of written) again.write(letter);
  expect([again.text, again.cursor]).toEqual([shown, screen.cursor]);
}); // prettier-ignore

test("where the cursor is: asked by the program, and in the text", () => {
  const screen = new Screen();
  const said: string[] = [];
  screen.onReply = (text) => said.push(text);
  screen.write("ab\r\ncd\x1b[6n");
  expect(said).toEqual(["\x1b[2;3R"]);
  expect(screen.cursor).toBe("ab\ncd".length);
  screen.write("\x1b[A\x1b[D");
  expect(screen.text.slice(screen.cursor)).toBe("b\ncd");
});

test("whatever is written: a thousand lines at most, none wider than the terminal, the cursor in the text", () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom("\n", "\r\n", "\x1b[", "\x1b[2J", "\x1b[K", "\x1b[H", "\b", "\t", "\n".repeat(600)),
    fc.tuple(fc.nat(40), fc.nat(120), fc.constantFrom(..."ABCDGHJKP@dfnX")).map(([a, b, end]) => `\x1b[${a};${b}${end}`),
  ); // prettier-ignore
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const screen = new Screen();
      for (const each of pieces) screen.write(each);
      const lines = screen.text.split("\n");
      expect(lines.length).toBeLessThanOrEqual(1000);
      for (const line of lines) expect([...line].length).toBeLessThanOrEqual(200);
      expect(screen.cursor).toBeLessThanOrEqual(screen.text.length);
    }),
    { numRuns: Number(process.env["INKWELL_RUNS"] ?? 200), ...seeded() },
  );
});

test("for who listens: no movements of the cursor", () => {
  expect(plainText("\x1b[H\x1b[2Jab\r\n\x1b[1mc\x1b[0m\x07")).toBe("ab\nc");
});
