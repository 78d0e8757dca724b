/** Markup is read as htl reads it: every kind of template that the pages have, the first time and again. */
import * as htl from "htl";
import { describe, expect, it } from "vitest";
import { html, svg } from "../../notebooks/lab/markup.ts";

type Html = typeof html;
type Svg = typeof svg;
type Case = (html: Html, svg: Svg) => Element;

const names = ["a", "b & <c>", ""];
const CASES: Readonly<Record<string, Case>> = {
  "a text, escaped": (html) => html`<p class="x">1 ${"<b>&amp;"} 2</p>`,
  "numbers, and values that are nothing": (html) => html`<p>${0}${null}${undefined}${""}${false}</p>`, // prettier-ignore
  "attributes of every kind": (html) =>
    html`<input type="range" min=${-1} max=${"1"} step="2" disabled=${true} hidden=${false} title=${'"quoted" & <so>'} class=${""} name=${null} />`, // prettier-ignore
  "a record of attributes": (html) =>
    html`<b ${{ id: "i", hidden: true, title: null, style: { minHeight: "3px", "--line": "red" } }} class=${"c"}>x</b>`, // prettier-ignore
  "lists of nodes, texts and nothing": (html) =>
    html`<ul>${names.map((name) => html`<li>${name}</li>`)}${["text", null, 1]}</ul>`, // prettier-ignore
  "rows and cells": (html) =>
    html`<table><tbody>${names.map((name) => html`<tr><th scope="row">${name}</th>${[1, 2].map((n) => html`<td>${n}</td>`)}</tr>`)}</tbody></table>`, // prettier-ignore
  "white space between": (html) => html`<div>${html`<i>${"a"}</i>`} ${"b"}</div>`,
  // The formatter would take its white space away.
  // oxfmt-ignore
  "lines": (html) => html`<div class="a">
    ${html`<i>${"a"}</i>`} ${"b"}
    c  d
  </div>`,
  "several nodes": (html) => html`<strong>${2}</strong> times, <em>${"so"}</em>`,
  "a menu": (html) =>
    html`<select>${names.map((name) => html`<option value=${name} selected=${name === ""}>${name}</option>`)}</select>`, // prettier-ignore
  "what is preformatted": (html) => html`<pre>${"a\n  b"}</pre>`,
  "marks": (_, svg) =>
    svg`<g class="part"><rect x=${1.5} y="2" ${{ style: { fill: "var(--x)" } }}></rect>${""}<text text-anchor=${"end"}>${"<5"}</text></g>`, // prettier-ignore
  "a drawing": (_, svg) =>
    svg`<svg viewBox=${"0 0 1 1"} width=${3}>${[svg`<line x1=${0}></line>`, svg`<path d=${"M0,0Z"}></path>`]}</svg>`, // prettier-ignore
  "several marks": (_, svg) => svg`<line x1=${1}></line><text>${"t"}</text>`,
};

describe("markup", () => {
  for (const [name, make] of Object.entries(CASES))
    it(name, () => {
      const theirs = make(htl.html as unknown as Html, htl.svg as unknown as Svg);
      for (const ours of [make(html, svg), make(html, svg)]) {
        expect(plain(ours).isEqualNode(plain(theirs)), `${ours.outerHTML}\n${theirs.outerHTML}`).toBe(true); // prettier-ignore
        expect(ours.namespaceURI).toBe(theirs.namespaceURI);
      }
    });

  it("gives the same element to nobody twice", () => {
    const make = () => html`<p>${"x"}</p>`;
    const [one, other] = [make(), make()];
    one.append("y");
    expect(other.textContent).toBe("x");
  });

  it("refuses a value where none can be", () => {
    expect(() => html`<p title="a ${1}"></p>`).toThrow(/where none can be/);
    expect(() => html`<${"p"}></p>`).toThrow(/where none can be/);
  });
});

/** Texts that lie side by side as one, and none that is empty: those are the same to whoever looks. */
function plain(element: Element): Element {
  element.normalize();
  return element;
}
