/**
 * Objects that need not be assembled again, as asm/pack-objects.ts packs them. There are none here: a build
 * (host/build/pack-objects.ts) puts them in this module's place.
 */
export const PACKED_OBJECTS: string | undefined = undefined;
