/**
 * The notebooks in reading order, and the navigation that every page has. One that is listed here and
 * not in the folder is left out, so a page appears in all others the moment it exists.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const NOTEBOOKS = [
  { name: "index", title: "Start" },
  { name: "rpc", title: "One call" },
  { name: "boundary", title: "The boundary" },
  { name: "machine", title: "The machine" },
  { name: "kmig", title: "Stubs" },
  { name: "assembly", title: "Assembly" },
  { name: "unix", title: "Unix" },
  { name: "since-1993", title: "Since 1993" },
  { name: "validation", title: "Validation" },
] as const;

export const notebookFolder = fileURLToPath(new URL("../../notebooks/", import.meta.url));

/** The pages that there are. */
export function presentNotebooks() {
  return NOTEBOOKS.filter(({ name }) => existsSync(`${notebookFolder}${name}.html`));
}

/** The template with links to all pages; the one at `path` is marked. */
export function withNavigation(template: string, path: string): string {
  const here = path.replace(/^.*\//, "").replace(/\.html$/, "") || "index";
  const links = presentNotebooks().map(({ name, title }) => {
    const current = name === here ? ' aria-current="page"' : "";
    return `<a href="./${name}.html"${current}>${title}</a>`;
  });
  return template.replace("<nav></nav>", `<nav aria-label="Notebooks">${links.join("")}</nav>`);
}
