/**
 * How long a SCSI disk takes: seek, rotation, media transfer, bus transfer, and the drive's read-ahead
 * buffer. Pure arithmetic on the simulated clock: where the surface is follows from the cycle alone,
 * so the same run gives the same times. Times are milliseconds.
 *
 * The seek curve is a + b √distance through the data sheet's two points, track to track and average
 * (a third of the cylinders).
 */

/** A disk drive. Every number says where it is from. */
export interface DiskParameters {
  readonly name: string;
  readonly cylinders: number;
  readonly heads: number;
  readonly sectorsPerTrack: number;
  readonly sectorBytes: number;
  readonly rpm: number;
  readonly trackToTrackMs: number;
  readonly averageSeekMs: number;
  readonly headSwitchMs: number;
  /** The drive's controller, for each command. */
  readonly commandMs: number;
  /** Between the drive's buffer and memory. */
  readonly busBytesPerMs: number;
  readonly bufferBytes: number;
}

/**
 * HP C2235, 421 MB formatted, SCSI-2, the drive HP put into Series 700 machines of 1991. From the
 * technical reference manual 5960-0113 (June 1991): cylinders, heads, rotation, seek times, buffer;
 * the sectors of a track from the capacity of the series (46.8 MB a surface). The 53C700 of the 730
 * transfers 5 MB/s on its 8-bit bus. Head switch and command overhead are not in the sources: values
 * usual for drives of its kind.
 */
export const HP_C2235: DiskParameters = {
  name: "HP C2235",
  cylinders: 1546,
  heads: 9,
  sectorsPerTrack: 59,
  sectorBytes: 512,
  rpm: 3600,
  trackToTrackMs: 3,
  averageSeekMs: 12.6,
  headSwitchMs: 1,
  commandMs: 1,
  busBytesPerMs: 5000,
  bufferBytes: 65536,
};

export const diskSectors = (p: DiskParameters): number => p.cylinders * p.heads * p.sectorsPerTrack;

export const cylinderOf = (p: DiskParameters, sector: number): number =>
  Math.floor(sector / (p.heads * p.sectorsPerTrack));

/** Milliseconds to move the arm so many cylinders. */
export function seekMs(p: DiskParameters, distance: number): number {
  if (distance === 0) return 0;
  const slope = (p.averageSeekMs - p.trackToTrackMs) / (Math.sqrt(p.cylinders / 3) - 1);
  return p.trackToTrackMs + slope * (Math.sqrt(distance) - 1);
}

/** Where the arm is, and what the drive has been reading ahead since when. */
export interface DiskState {
  readonly cylinder: number;
  /** First sector behind the last read, and the time at which its reading ahead began. */
  readonly ahead: { readonly sector: number; readonly since: number } | undefined;
}

export const AT_REST: DiskState = { cylinder: 0, ahead: undefined };

/**
 * When a command that arrives at `now` is done, and how it leaves the drive.
 */
export function serve(
  p: DiskParameters,
  state: DiskState,
  now: number,
  {
    sector,
    count,
    write,
  }: { readonly sector: number; readonly count: number; readonly write: boolean },
): { readonly done: number; readonly state: DiskState } {
  const start = now + p.commandMs;
  const bus = (count * p.sectorBytes) / p.busBytesPerMs;
  const last = sector + count - 1;
  if (!write && state.ahead && isBuffered(p, state.ahead, sector, last)) {
    const media = transferMs(p, state.ahead.sector, last + 1 - state.ahead.sector);
    const done = Math.max(start + bus, state.ahead.since + media + p.sectorBytes / p.busBytesPerMs);
    const since = Math.max(state.ahead.since + media, start);
    return { done, state: { cylinder: cylinderOf(p, last), ahead: { sector: last + 1, since } } };
  }
  const arrived = start + seekMs(p, Math.abs(cylinderOf(p, sector) - state.cylinder));
  const found = arrived + rotationMs(p, arrived, sector);
  const read = found + transferMs(p, sector, count);
  // The bus is faster than the media: the last sector is what is left to transfer.
  const done = write ? read : read + p.sectorBytes / p.busBytesPerMs;
  const ahead = write ? undefined : { sector: last + 1, since: read };
  return { done, state: { cylinder: cylinderOf(p, last), ahead } };
}

function isBuffered(
  p: DiskParameters,
  ahead: NonNullable<DiskState["ahead"]>,
  sector: number,
  last: number,
): boolean {
  const capacity = Math.floor(p.bufferBytes / p.sectorBytes);
  return sector >= ahead.sector && last < ahead.sector + capacity;
}

const sectorMs = (p: DiskParameters): number => 60_000 / p.rpm / p.sectorsPerTrack;

/** The skew of tracks against each other lets the next one begin when the heads are switched. */
const skewSectors = (p: DiskParameters): number => Math.ceil(p.headSwitchMs / sectorMs(p));

/** Until a sector comes under the head. */
function rotationMs(p: DiskParameters, at: number, sector: number): number {
  const turn = 60_000 / p.rpm;
  const track = Math.floor(sector / p.sectorsPerTrack);
  const place = (sector + track * skewSectors(p)) % p.sectorsPerTrack;
  const wait = place * sectorMs(p) - (at % turn);
  return wait < 0 ? wait + turn : wait;
}

/** Reading or writing consecutive sectors, from the first one's start. */
function transferMs(p: DiskParameters, sector: number, count: number): number {
  const track = (s: number): number => Math.floor(s / p.sectorsPerTrack);
  const switches = count === 0 ? 0 : track(sector + count - 1) - track(sector);
  return (count + switches * skewSectors(p)) * sectorMs(p);
}
