// Shows openapi.json as something to read.

import { el, pretty, sentence } from "./dom.js";

const METHODS = ["get", "post"];

export async function showReference(place) {
  try {
    const api = await (await fetch("openapi.json")).json();
    place.replaceChildren(...groups(api));
  } catch {
    place.textContent = "openapi.json cannot be read.";
  }
}

function groups(api) {
  const look = (node) => (node?.$ref ? at(api, node.$ref) : node);
  return api.tags.flatMap((tag) => [
    el("h3", {}, tag.description),
    ...Object.entries(api.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]?.tags.includes(tag.name))
        .map((method) => operation(path, method, item, look))),
  ]);
}

function at(api, reference) {
  return reference.slice(2).split("/").reduce((node, key) => node[key], api);
}

function operation(path, method, item, look) {
  const one = item[method];
  const body = el("div", { class: "body" },
    ...paragraphs(one.description),
    ...parameters([...(item.parameters ?? []), ...(one.parameters ?? [])].map(look)),
    ...forms(look(one.requestBody), look),
    ...statuses(one.responses, look));
  return el("details", { "data-path": path },
    el("summary", {},
      el("span", { class: "method" }, method.toUpperCase()),
      el("code", {}, path),
      el("span", { class: "say" }, one.summary)),
    body);
}

function paragraphs(text) {
  return (text ?? "").split("\n\n").filter(Boolean).map((part) => el("p", {}, ...sentence(part)));
}

/** Entries of a name, where it stands, and what it means; nothing where there are none. */
function list(title, entries) {
  if (entries.length === 0) {
    return [];
  }
  return [el("h4", {}, title),
    el("dl", {}, ...entries.flatMap(([name, where, ...means]) => [
      el("dt", {}, el("code", {}, name), where ? el("span", {}, where) : null),
      el("dd", {}, ...means),
    ]))];
}

function parameters(all) {
  return list("Parameters", all.map((one) => [one.name, one.in, ...paragraphs(one.description)]));
}

function forms(body, look) {
  if (!body) {
    return [];
  }
  return list("Forms of the request", Object.entries(body.content).flatMap(([type, form]) => {
    const examples = Object.values(form.examples ?? {}).map(look);
    const means = paragraphs(form.schema?.description);
    return [[type, "", ...means, ...examples.flatMap(example)]];
  }));
}

function example(one) {
  const text = typeof one.value === "string" ? one.value : pretty(one.value);
  return [...paragraphs(one.summary), el("pre", { tabindex: "0" }, text)];
}

function statuses(responses, look) {
  return list("Answers", Object.entries(responses).map(([status, reference]) => {
    const one = look(reference);
    const kinds = one["x-error-kinds"] ?? [];
    const heads = Object.entries(one.headers ?? {});
    const examples = Object.values(one.content ?? {}).flatMap((form) => Object.values(form.examples ?? {})).map(look);
    return [status, "", ...paragraphs(one.description),
      ...(kinds.length ? [el("p", { class: "kinds" }, ...sentence(`Kinds: ${kinds.map((kind) => `\`${kind}\``).join(", ")}`))] : []),
      ...(heads.length ? [el("p", { class: "kinds" }, ...sentence(`Headers: ${heads.map(([name]) => `\`${name}\``).join(", ")}`))] : []),
      ...examples.flatMap(example)];
  }));
}
