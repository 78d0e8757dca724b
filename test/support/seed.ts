/** What `INKWELL_SEED` gives to a property test; without it fast-check takes one, and prints it on a failure. */
export function seeded(): { readonly seed?: number } {
  const seed = process.env["INKWELL_SEED"];
  return seed === undefined || seed === "" ? {} : { seed: Number(seed) };
}
