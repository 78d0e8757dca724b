/**
 * Where the controls of a page keep what they are set to: in its address, so that a reload or a link
 * brings the same page. Short values are parameters; texts are packed into the fragment. An embedded
 * laboratory keeps them to itself.
 */

export interface State {
  /** What a control was set to; `undefined`: never. */
  read(key: string): string | undefined;
  /** `undefined` takes the key out again, as for a default. */
  write(key: string, value: string | undefined): void;
  /** `null`: there was one, of which the link lost a part. */
  readText(key: string): Promise<string | null | undefined>;
  /** Whether it could be kept: a text that is packed to more than `most` letters is not. */
  writeText(key: string, text: string | undefined, most?: number): Promise<boolean>;
}

/** Browsers refuse to change the address more often than about a hundred times in thirty seconds. */
const SETTLE = 150;

/** State in the page's address. */
export function addressState(): State {
  let due: ReturnType<typeof setTimeout> | undefined;
  let parameters = new URLSearchParams(location.search);
  let fragment = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  addEventListener("popstate", () => {
    parameters = new URLSearchParams(location.search);
    fragment = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  });
  const put = (to: URLSearchParams, key: string, value: string | undefined): void => {
    if (value === undefined) to.delete(key);
    else to.set(key, value);
    clearTimeout(due);
    due = setTimeout(() => {
      const query = parameters.size ? `?${parameters}` : "";
      const hash = fragment.size
        ? `#${fragment}`
        : location.hash.includes("=")
          ? ""
          : location.hash;
      history.replaceState(null, "", location.pathname + query + hash);
    }, SETTLE);
  };
  return {
    read: (key) => parameters.get(key) ?? undefined,
    write: (key, value) => put(parameters, key, value),
    readText: async (key) => {
      const packed = fragment.get(key);
      return packed === null ? undefined : ((await unpack(packed)) ?? null);
    },
    async writeText(key, text, most = Number.POSITIVE_INFINITY) {
      const packed = text === undefined ? undefined : await pack(text);
      const fits = packed === undefined || packed.length <= most;
      put(fragment, key, fits ? packed : undefined);
      return fits;
    },
  };
}

/** State of one element on somebody else's page. */
export function ownState(initial: Readonly<Record<string, string>> = {}): State {
  const values = new Map(Object.entries(initial));
  const write = (key: string, value: string | undefined): void => {
    if (value === undefined) values.delete(key);
    else values.set(key, value);
  };
  return {
    read: (key) => values.get(key),
    write,
    readText: async (key) => values.get(key),
    async writeText(key, text) {
      write(key, text);
      return true;
    },
  };
}

/** A text in letters that an address may have: deflated, then base64 without padding. */
export async function pack(text: string): Promise<string> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The text that was packed; `undefined` when a link lost a part of it. */
export async function unpack(packed: string): Promise<string | undefined> {
  try {
    const letters = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const text = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return await new Response(text).text();
  } catch {
    return undefined;
  }
}
