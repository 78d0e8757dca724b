/**
 * Keys as the bytes that a terminal sends for them. Tab is not among them: it leaves a control, and Ctrl-I
 * is the same character. What browsers need for themselves stays theirs.
 */

/** Keys without a letter. */
const NAMED: Readonly<Record<string, string>> = {
  Enter: "\r",
  Backspace: "\x7f",
  Delete: "\x1b[3~",
  Escape: "\x1b",
  ArrowUp: "\x1b[A",
  ArrowDown: "\x1b[B",
  ArrowRight: "\x1b[C",
  ArrowLeft: "\x1b[D",
  Home: "\x1b[H",
  End: "\x1b[F",
};
/** With Ctrl: new window, reload, new tab, paste, close. */
const THE_BROWSERS = "nrtvw";

/** What a key with Ctrl sends; nothing where it is no control character, or is the browser's. */
export function controlKey({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): string | undefined {
  if (!ctrlKey || altKey || metaKey || key.length !== 1) return undefined;
  const letter = key.toLowerCase();
  if (THE_BROWSERS.includes(letter)) return undefined;
  return /^[a-z[\\\]]$/.test(letter) ? String.fromCharCode(letter.charCodeAt(0) & 0x1f) : undefined;
}

/** What a key sends, one after another; `undefined` for what is not the terminal's. */
export function keyText(event: KeyboardEvent): string | undefined {
  const { key, ctrlKey, altKey, metaKey, isComposing } = event;
  if (isComposing) return undefined;
  if (ctrlKey) return controlKey(event);
  if (altKey || metaKey) return undefined;
  return Object.hasOwn(NAMED, key) ? NAMED[key] : key.length === 1 ? key : undefined;
}
