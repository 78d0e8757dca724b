/**
 * Objects that need not be assembled again, as ready-objects.ts packs them. There are none here: the build of
 * a site or of the embedded script (host/build/pack-objects.ts) puts them in this module's place.
 */
export const PACKED_OBJECTS: string | undefined = undefined;
