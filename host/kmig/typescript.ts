/**
 * Typed TypeScript of an interface: its description as data, and the types of every routine's values.
 * The functions come from `bindInterface`, which the text imports.
 */
import type { InterfaceDescription, Item, Message } from "./description.ts";

/** The text of a module that exports the interface's binding under the subsystem's name. */
export function emitTypeScript(description: InterfaceDescription, runtime = "inkwell"): string {
  const { subsystem, base, routines } = description;
  const title = subsystem.charAt(0).toUpperCase() + subsystem.slice(1);
  const shapes = routines.flatMap(({ name, request, reply }) => [
    `  readonly ${name}: {`,
    ...messageType("request", request),
    ...messageType("reply", reply),
    "  };",
  ]);
  const types = ["Client", "Memory", "Polymorphic", "Server"].filter(
    (type) => /Client|Server/.test(type) || shapes.some((line) => line.includes(type)),
  );
  const data = JSON.stringify(description, null, 2).replace(/"(\w+)":/g, "$1:");
  return [
    `// Subsystem ${subsystem}, base ${base}: typed messages. Made by KMIG; do not edit.`,
    `import { ${types.map((type) => `type ${type}, `).join("")}bindInterface } from ${JSON.stringify(runtime)};`,
    "",
    "/** In and Out values of each routine, as they are sent and as they are received. */",
    `export type ${title}Shapes = {`,
    ...shapes,
    "};",
    "",
    "/** Work functions for `serve`. */",
    `export type ${title}Server = Server<${title}Shapes>;`,
    "/** What `client` makes. */",
    `export type ${title}Client = Client<${title}Shapes>;`,
    "",
    `export const ${subsystem} = bindInterface<${title}Shapes>(${data});`,
    "",
  ].join("\n");
}

function messageType(name: string, message: Message | null): string[] {
  const items = message?.items ?? [];
  const side = (field: "sent" | "received"): string => {
    if (items.length === 0) return `      readonly ${field}: Record<string, never>;`;
    const members = items.map((item) => {
      const optional = field === "sent" && item.most !== undefined ? "?" : "";
      return `readonly ${item.name}${optional}: ${valueType(item, item[field])}`;
    });
    return `      readonly ${field}: { ${members.join("; ")} };`;
  };
  return [`    readonly ${name}: {`, side("sent"), side("received"), "    };"];
}

function valueType({ unit, shape, place }: Item, name: number): string {
  const one = unit === "wide" ? "bigint" : "number";
  const list = unit === "byte" ? "Uint8Array" : `readonly ${one}[]`;
  const inLine = shape === "string" ? "string" : shape === "one" ? one : list;
  const either = place === "either" ? `${inLine} | Memory` : inLine;
  const plain = place === "out of line" ? "Memory" : either;
  return name < 0 ? `Polymorphic<${plain}>` : plain;
}
