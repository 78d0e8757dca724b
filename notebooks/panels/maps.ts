/** Caches and TLBs behind a call: which lines they hold, and whose they are. */
import { html, svg } from "../lab/markup.ts";
import type { CallReport, OwnedLine } from "../../host/worker/client.ts";
import { CONFIGURATIONS, legend } from "../draw/legend.ts";
import { frame, rectangle } from "../draw/svg.ts";
import { explorable, type Part } from "../draw/tip.ts";
import { choice, menu } from "../lab/controls.ts";
import { csv, type Data, dataTable } from "../lab/data.ts";
import { type LiveFigure, liveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import { callSnapshot } from "./call-snapshot.ts";
import { bytesText } from "./machine.ts";
import { ROWS } from "./race.ts";

const LINE = 32;
const PAGE = 4096;
const OWNERS: readonly (readonly [start: string, color: string])[] = [
  ["client", "--client"],
  ["server", "--server"],
  ["kernel text", "--kernel"],
  ["kernel", "--other"],
];

const colorOf = (owner: string) =>
  OWNERS.find(([start]) => owner.startsWith(start))?.[1] ?? "--paper";

export function mapsPanel(lab: Lab): LiveFigure<CallReport> {
  const { state } = lab;
  const configuration = choice(
    { state, key: "map", label: "Configuration" },
    CONFIGURATIONS.map(({ id, title }) => ({ value: id, title })),
  );
  const row = menu({ state, key: "maprow", label: "The call" }, ROWS, "in1024");
  return liveFigure<CallReport>({
    name: "caches",
    label: "What the caches hold",
    controls: [configuration, row],
    height: 510,
    run: (watch) =>
      lab.simulator.reportCall({ row: row.value, configuration: configuration.value }, watch),
    draw: maps,
    data: lineData,
    json: ({ command, config, caches, tlb }) => ({ command, config, caches, tlb }),
    command: ({ command }) => command,
    more: (report) => [
      { label: "TLB CSV", file: "inkwell-tlb.csv", make: () => new Blob([csv(tlbData(report))]) },
      callSnapshot(lab, report),
    ],
    caption: () =>
      "Each column is a page of the cache, each cell in it a line of 32 bytes. Two parts of the system that share a cell would throw each other out; with the space identifier hashed into the index they rarely do. The TLBs’ entries are coloured by their address spaces.",
  });
}

function maps(report: CallReport, width: number): (() => HTMLElement)[] {
  const { instructionCacheBytes, dataCacheBytes } = report.config.machine;
  const { instruction, data } = report.caches;
  const keys = [
    { title: "client", color: "--client" },
    { title: "server", color: "--server" },
    { title: "kernel’s text", color: "--kernel" },
    { title: "kernel’s data and objects", color: "--other" },
  ];
  return [
    () => legend(keys),
    () => cacheMap("Instruction cache", instruction, instructionCacheBytes, width),
    () => cacheMap("Data cache", data, dataCacheBytes, width),
    () => tlbMap(report, width),
    () => tlbTable(report),
  ];
}

function cacheMap(
  title: string,
  lines: readonly OwnedLine[],
  bytes: number,
  width: number,
): HTMLElement {
  const columns = Math.max(1, bytes / PAGE);
  const rows = Math.min(bytes, PAGE) / LINE;
  const wide = Math.min(14, Math.floor((width - 4) / columns));
  const [top, tall] = [22, 1.5];
  const parts: Part[] = [];
  const counts = new Map<string, number>();
  const cells = lines.map(({ index, page, dirty, owner }) => {
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
    const [column, row] = [Math.floor(index / PAGE), (index % PAGE) / LINE];
    const place = { x: 2 + column * wide, y: top + row * tall, width: wide - 1, height: tall };
    const node = rectangle(place, "part span", colorOf(owner));
    parts.push({
      node,
      lines: [owner, `line 0x${index.toString(16)}${dirty ? ", dirty" : ""}`, `physical page 0x${page.toString(16)}`], // prettier-ignore
    });
    return node;
  });
  const grid = Array.from({ length: columns }, (_, column) =>
    rectangle({ x: 2 + column * wide, y: top, width: wide - 1, height: rows * tall }, "slot"),
  );
  const held = [...counts].map(([owner, count]) => `${owner} ${count}`).join(", ");
  const drawing = frame(width, top + rows * tall + 8, `${title}, ${bytesText(bytes)}: ${lines.length} lines are held: ${held}.`, [
    svg`<text class="name" x="2" y="13">${title}: ${lines.length} of ${bytes / LINE} lines in use</text>`,
    grid,
    cells,
  ]); // prettier-ignore
  return explorable(drawing, parts);
}

/** Both TLBs, a cell for each entry that they have room for. */
function tlbMap({ tlb, spans, config: { machine } }: CallReport, width: number): HTMLElement {
  const client = spans[0]!.space;
  const whose = (space: number) =>
    space === 0 ? "kernel" : space === client ? "client" : "server";
  const sides = [
    { side: "instruction", title: "Instruction TLB", slots: machine.instructionTlbEntries },
    { side: "data", title: "Data TLB", slots: machine.dataTlbEntries },
  ] as const;
  const wide = Math.min(9, (width - 4) / Math.max(...sides.map(({ slots }) => slots)));
  const [tall, row] = [14, 44];
  const parts: Part[] = [];
  const drawn = sides.map(({ side, title, slots }, i) => {
    const entries = tlb.filter((each) => each.side === side);
    const y = i * row + 20;
    const place = (at: number) => ({
      x: 2 + at * wide,
      y,
      width: Math.max(1, wide - 1),
      height: tall,
    });
    const room = Array.from({ length: slots }, (_, at) => rectangle(place(at), "slot"));
    const cells = entries.map(({ space, virtual, physical, size, kind }, at) => {
      const node = rectangle(place(at), "part span", `--${whose(space)}`);
      const lines = [`${whose(space)}, space ${space}`, `virtual 0x${virtual.toString(16)}, physical 0x${physical.toString(16)}`, `${bytesText(size)}, ${kind}`]; // prettier-ignore
      parts.push({ node, lines });
      return node;
    });
    return svg`<g><text class="name" x="2" y=${y - 7}>${title}: ${entries.length} entries in use</text>${room}${cells}</g>`;
  });
  const label = `TLBs: ${tlb.map(({ side, space }) => `${side} ${whose(space)}`).join(", ")}.`;
  return explorable(frame(width, 2 * row, label, drawn), parts);
}

function tlbData({ tlb }: CallReport): Data {
  const hex = (value: number) => `0x${value.toString(16)}`;
  return {
    columns: ["TLB", "space", "virtual", "physical", "bytes", "kind"],
    rows: tlb.map(({ side, kind, space, virtual, physical, size }) => [side, space, hex(virtual), hex(physical), size, kind]), // prettier-ignore
  };
}

function tlbTable(report: CallReport): HTMLElement {
  const data = tlbData(report);
  return html`<details class="astable">
    <summary>What the TLBs hold: ${data.rows.length} entries</summary>
    ${dataTable(data, "TLB entries")}
  </details>`;
}

function lineData({ caches }: CallReport): Data {
  return {
    columns: ["cache", "index", "physical page", "dirty", "owner"],
    rows: (["instruction", "data"] as const).flatMap((side) =>
      caches[side].map(({ index, page, dirty, owner }) => [side, index, page, dirty, owner]),
    ),
  };
}
