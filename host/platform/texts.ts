/**
 * Texts by the paths of text: addresses. There are none here: the build of a site or of the embedded script
 * (host/build/inline-text.ts) rewrites addresses of assembly text so, and puts the texts in this module's place.
 */
export const TEXTS: Readonly<Record<string, string>> = {};
