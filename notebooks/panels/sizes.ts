/** A call with one array of growing size, by message and by trap: an interface made here, measured. */
import type { InterfaceCalls, TidyRow } from "../../host/worker/client.ts";
import { CONFIGURATIONS } from "../draw/legend.ts";
import { lineChart } from "../draw/lines.ts";
import { tickText } from "../draw/svg.ts";
import { choice } from "../lab/controls.ts";
import { figure, tidyData } from "../lab/data.ts";
import { type LiveFigure, liveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";

/** Bytes; 0 is a call without an argument. The kernel takes no message in line that is larger than 8,176. */
const SIZES = [0, 4, 16, 64, 128, 256, 512, 1024, 2048, 4096, 8128];
/** What is larger goes out of line, which MIG writes with `^`: one element of so many bytes. */
const LARGER = [8192, 16384, 32768, 65536];
/** Between the two, where the line is drawn. */
const MOST_IN_LINE = 8176;

const FILE = "sizes.defs";

/** One routine for each size. */
export function sizesDefinition(direction: string): string {
  const routines = SIZES.map((bytes) =>
    bytes === 0
      ? "routine size_0(requestport server : mach_port_t);"
      : `type size_${bytes}_t = array[${bytes / 4}] of int;\nroutine size_${bytes}(requestport server : mach_port_t; ${direction} data : size_${bytes}_t);`,
  );
  const larger = LARGER.map(
    (bytes) =>
      `type size_${bytes}_t = ^array[] of struct[${bytes / 4}] of int;\nroutine size_${bytes}(requestport server : mach_port_t; ${direction} data : size_${bytes}_t);`,
  );
  return `subsystem sizes 6000;\n\n#include <mach/std_types.defs>\n\n${[...routines, ...larger].join("\n")}\n`;
}

const bytesOf = ({ row }: TidyRow) => Number(row.replace("size_", ""));
const sizeText = (bytes: number) =>
  bytes >= 1024 ? `${tickText(Math.round(bytes / 102.4) / 10)} KB` : `${bytes} bytes`;

export function sizesPanel(lab: Lab): LiveFigure<InterfaceCalls> {
  const { state } = lab;
  const direction = choice({ state, key: "way", label: "The array goes" }, [
    { value: "in", title: "in" },
    { value: "out", title: "out" },
    { value: "inout", title: "both ways" },
  ]);
  const copy = choice({ state, key: "sizecopy", label: "Message stubs copy by" }, [
    { value: "bcopy", title: "bcopy, as the paper’s" },
    { value: "word", title: "word" },
    { value: "byte", title: "byte" },
  ]);
  const text = () => sizesDefinition(direction.value);
  return liveFigure<InterfaceCalls>({
    name: "sizes",
    label: "Cycles of a call by the size of its array",
    controls: [direction, copy],
    height: 360,
    run: (watch) =>
      lab.simulator.callInterface(
        { file: FILE, text: text(), structCopy: copy.value as "bcopy" },
        watch,
      ),
    draw: ({ rows }, width) => {
      const seriesOf = (far: boolean) =>
        CONFIGURATIONS.map(({ id, title, color }) => ({
          title: far ? `${title}, out of line` : title,
          color,
          dashed: far,
          points: rows
            .filter(
              ({ column, detail }) => column === id && (detail["outOfLine"] !== undefined) === far,
            )
            .map((row) => [bytesOf(row), row.value] as const),
        }));
      const series = [...seriesOf(false), ...seriesOf(true)];
      const ends = series.map(({ title, points }) => `${title} ${figure(points[0]![1])} to ${figure(points.at(-1)![1])}`); // prettier-ignore
      return lineChart(series, {
        width,
        label: `Cycles of a call from no argument to 64 KB: ${ends.join("; ")}.`,
        x: { title: "bytes", log: true, show: sizeText },
        y: { title: "cycles", log: true },
        mark: { at: MOST_IN_LINE, title: "out of line" },
      });
    },
    data: ({ rows }) => tidyData(rows),
    json: (calls) => calls,
    command: ({ command }) => command,
    more: () => [
      { label: FILE, file: FILE, make: () => new Blob([text()], { type: "text/plain" }) },
    ],
    caption: () =>
      `Both axes are logarithmic. The interface has a routine for each size; download ${FILE} for the command. Dashed: out of line, always by message, so that two lines are one; much of it is declared cycles of the kernel’s memory management, which CSV and JSON tell apart.`,
  });
}
