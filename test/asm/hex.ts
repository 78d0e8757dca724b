/** Bytes as hexadecimal words, so that a difference shows which word it is. */
export function hexWords(bytes: Buffer): string[] {
  return bytes.toString("hex").match(/.{1,8}/g) ?? [];
}
