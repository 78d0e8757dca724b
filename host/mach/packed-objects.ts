/**
 * Objects that need not be assembled again, as asm/pack-objects.ts packs them, and the kernel's interfaces,
 * which need not be read again, as server/interfaces.ts does. There are none here: a build
 * (host/build/pack-objects.ts) puts them in this module's place.
 */
export const PACKED_OBJECTS: string | undefined = undefined;
export const PACKED_INTERFACES: string | undefined = undefined;
