/**
 * Elements from markup, as htl reads it, with each template parsed once and copied from then on. htl parses a
 * template at every use: a drawing of a few hundred marks blocked the page for 30 to 80 ms by that.
 *
 * A value is a whole attribute (`x=${1}`), a record of attributes in a tag, or children: nodes, texts, lists
 * of them. No value, or `false` for an attribute, is nothing.
 */

type Tag<Made extends Element> = (texts: TemplateStringsArray, ...values: unknown[]) => Made;

/** An HTML element, or a span around several nodes. */
export const html: Tag<HTMLElement> = (texts, ...values) =>
  made(texts, values, "span") as HTMLElement;

/** An element of an SVG, or a group around several nodes. */
export const svg: Tag<SVGElement> = (texts, ...values) => made(texts, values, "g") as SVGElement;

interface Hole {
  /** Of its node in the template, in document order. */
  readonly node: number;
  readonly kind: "attribute" | "attributes" | "children";
  /** Of the attribute. */
  readonly name: string;
}

interface Template {
  readonly root: Element;
  readonly holes: readonly Hole[];
}

const templates = new WeakMap<TemplateStringsArray, Template>();
const HOLE = "hole-";
const HTML = "http://www.w3.org/1999/xhtml";
export const SVG = "http://www.w3.org/2000/svg";

function made(
  texts: TemplateStringsArray,
  values: readonly unknown[],
  group: "span" | "g",
): Element {
  let template = templates.get(texts);
  if (!template) templates.set(texts, (template = parsed(texts, group)));
  const root = document.importNode(template.root, true) as Element;
  const nodes = inOrder(root);
  for (const [i, { node, kind, name }] of template.holes.entries()) {
    const [place, value] = [nodes[node]!, values[i]];
    if (kind === "attribute") setAttribute(place as Element, name, value);
    else if (kind === "attributes") setAttributes(place as Element, value as Attributes);
    else (place as ChildNode).replaceWith(...childrenOf(value));
  }
  return root;
}

function parsed(texts: TemplateStringsArray, group: "span" | "g"): Template {
  let markup = "";
  for (const [i, text] of texts.entries()) {
    markup += text;
    if (i === texts.length - 1) break;
    const inTag = markup.lastIndexOf("<") > markup.lastIndexOf(">");
    markup += !inTag
      ? `<!--${HOLE}${i}-->`
      : text.endsWith("=")
        ? `"${HOLE}${i}"`
        : `${HOLE}${i}=""`;
  }
  const root = rootOf(markup.trim(), group);
  const holes: Hole[] = [];
  for (const [node, place] of inOrder(root).entries()) {
    if (place instanceof Comment)
      holes[numberOf(place.data)] = { node, kind: "children", name: "" };
    else
      for (const { name, value } of [...(place as Element).attributes]) {
        const kind = name.startsWith(HOLE) ? "attributes" : "attribute";
        if (kind === "attribute" && !value.startsWith(HOLE)) continue;
        holes[numberOf(kind === "attribute" ? value : name)] = { node, kind, name };
        (place as Element).removeAttribute(name);
      }
  }
  if (Object.keys(holes).length !== texts.length - 1)
    throw new Error(`A value where none can be: ${texts.join("${…}")}`);
  return { root, holes };
}

function rootOf(markup: string, group: "span" | "g"): Element {
  const template = document.createElement("template");
  template.innerHTML = group === "g" ? `<svg>${markup}</svg>` : markup;
  const within = group === "g" ? template.content.firstElementChild! : template.content;
  if (within.childNodes.length === 1 && within.firstElementChild) return within.firstElementChild;
  const root = document.createElementNS(group === "g" ? SVG : HTML, group);
  root.append(...within.childNodes);
  return root;
}

const numberOf = (hole: string) => Number(hole.slice(HOLE.length));

/** The elements and comments of a tree. */
function inOrder(root: Element): Node[] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_COMMENT);
  const nodes: Node[] = [root];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

function childrenOf(value: unknown): (Node | string)[] {
  if (value === null || value === undefined) return [];
  if (value instanceof Node) return [value];
  if (typeof value === "object" && Symbol.iterator in value)
    return [...(value as Iterable<unknown>)].flatMap(childrenOf);
  return [String(value)];
}

type Attributes = Readonly<Record<string, unknown>>;

function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
}

/** A style is a record of properties: a text would not be taken under a policy against styles in line. */
function setAttribute(element: Element, name: string, value: unknown): void {
  if (value === null || value === undefined || value === false) return;
  if (name === "style" && typeof value === "object") {
    const { style } = element as HTMLElement;
    for (const [property, setting] of Object.entries(value))
      if (property.startsWith("--")) style.setProperty(property, String(setting));
      else Object.assign(style, { [property]: setting });
  } else element.setAttribute(name, value === true ? "" : String(value));
}
