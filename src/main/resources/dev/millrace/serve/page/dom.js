// Elements. What strangers wrote enters the page as text and never as markup.

const SVG = "http://www.w3.org/2000/svg";

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

export const byId = (id) => document.getElementById(id);

/** A sentence in which `code` stands in backquotes. */
export function sentence(text) {
  return text.split("`").map((part, i) => (i % 2 === 1 ? el("code", {}, part) : part));
}

/** A text to copy, with a button where the browser lets a page copy. */
export function told(title, text) {
  const head = el("div", { class: "told" }, el("h3", {}, title));
  if (navigator.clipboard) {
    const button = el("button", { type: "button", class: "plain" }, "Copy");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    });
    head.append(button);
  }
  return el("div", {}, head, el("pre", { class: "wrap", tabindex: "0" }, text));
}

/** JSON to read: lists of numbers and texts in one line. */
export function pretty(value) {
  return JSON.stringify(value, null, 2)
    .replace(/\[\n[^[\]{}]*\]/g, (list) => list.replace(/\s*\n\s*/g, " ").replace("[ ", "[").replace(/ \]$/, "]"));
}
