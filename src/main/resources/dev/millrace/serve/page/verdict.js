// Shows what the worker said of a photo: words and bars beside it, boxes and classes over it.

import { byId, el, pretty, svg } from "./dom.js";

const MOST = 50;
const SHOWN = 8;
const COLOURS = ["#4fd1bf", "#ffb454", "#8ab4ff", "#ff8f8f", "#c3e36a", "#e59bff", "#ffe066", "#7fe0ff"];

const STEPS = {
  fetch: "download",
  slot: "waiting for a thread",
  decode: "decode and resize",
  wait: "waiting for the batch",
  infer: "model",
  postprocess: "verdict",
};

const SENTENCES = {
  unknown_task: "This worker has no such model.",
  url_forbidden: "The worker may not load an image from this address.",
  http_status: "The host of the image does not give it out.",
  fetch_failed: "The host of the image cannot be reached.",
  fetch_timeout: "The host of the image took too long.",
  too_large: "This file has more bytes than the worker takes.",
  unsupported_format: "This is not a photo that the worker reads: it takes JPEG, PNG, WebP and GIF.",
  image_too_large: "This photo has more pixels than the worker takes.",
  corrupt_image: "This photo is broken: it is cut off, or its bytes are not what its format says.",
  preprocess_failed: "The model's own code could not prepare this photo.",
  poison: "This photo brings the decoder down, so the worker does not open it.",
  inference_failed: "The device failed while it computed; try again.",
  postprocess_failed: "The model's own code could not make a verdict of what the model said.",
  result_too_large: "The verdict is too large to be sent.",
  draining: "The worker is shutting down and takes nothing new.",
  malformed: "The worker did not understand the request.",
  unauthorized: "The worker wants its token.",
  forbidden: "The worker does not know this host, or takes this page for another's.",
  not_ready: "The worker is not ready yet.",
  busy: "The worker has as many callers as it takes; try again in a moment.",
  deadline: "The verdict was not ready in time.",
};

const STATUSES = {
  0: "The worker cannot be reached. Is it still running?",
  400: "The worker did not understand the request.",
  401: "The worker wants its token.",
  404: "This worker has no such model.",
  408: "The photo came too slowly.",
  413: "This file has more bytes than the worker takes.",
  415: "The worker does not read what was sent.",
  429: "The worker has as many callers as it takes; try again in a moment.",
  503: "The worker takes nothing right now.",
  504: "The verdict was not ready in time.",
};

export function clearOverlay() {
  byId("shapes").replaceChildren();
  byId("tags").replaceChildren();
  byId("mask").hidden = true;
}

/** @param error {status, kind, line} of an answer, or status 0 where there was none */
export function showFailure(error) {
  clearOverlay();
  const said = SENTENCES[error.kind] ?? STATUSES[error.status] ?? `The worker answered with status ${error.status}.`;
  const where = [error.status ? `status ${error.status}` : "", error.kind ?? ""].filter(Boolean).join(", ");
  byId("answer").replaceChildren(
    el("div", { class: "failure", role: "alert" },
      el("strong", {}, said),
      error.line ? el("p", {}, error.line) : null,
      where ? el("p", { class: "hint" }, where) : null));
}

/**
 * @param result the contract's result of one image
 * @param task whose verdict is shown
 * @param millis from sending to the answer
 */
export function showResult(result, task, millis) {
  clearOverlay();
  const verdict = result.results?.[task] ?? {};
  if (verdict.error) {
    showFailure({ kind: verdict.error.kind, line: verdict.error.message });
    return;
  }
  const image = result.image ?? { width: byId("photo").naturalWidth, height: byId("photo").naturalHeight };
  byId("answer").replaceChildren(...parts(verdict, image), times(result.timings_ms ?? {}, millis), json(result));
}

function parts(verdict, image) {
  if (verdict.detections) {
    return found(verdict.detections, image, "thing", "Nothing was found in this photo.");
  }
  if (verdict.boxes) {
    const lines = verdict.boxes.map((box) => ({ label: "text", ...box }));
    const covered = el("p", {}, `Text covers ${percent(verdict.text_fraction ?? 0)} of the photo.`);
    return [...found(lines, image, "line of text", "No text was found in this photo."), covered];
  }
  if (verdict.scores) {
    return classes(verdict);
  }
  if (verdict.shares) {
    return areas(verdict);
  }
  if (verdict.embedding) {
    return vector(verdict.embedding);
  }
  const own = Object.entries(verdict).filter(([name]) => !["model", "version", "label"].includes(name));
  return [headline(verdict.label ?? "A verdict without a label"),
    el("pre", { class: "wrap", tabindex: "0" }, pretty(Object.fromEntries(own)))];
}

function headline(text, small = "") {
  return el("p", { class: "label" }, text, small ? el("small", {}, small) : null);
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}

/** A named share as a row of a list. */
function bar(name, share, colour) {
  const mark = el("i");
  if (colour) {
    mark.style.background = colour;
  }
  const fill = svg("rect", { width: Math.max(0, Math.min(1, share)), height: 1 });
  if (colour) {
    fill.style.fill = colour;
  }
  return el("li", {},
    el("b", {}, colour ? mark : "", name),
    el("span", {}, percent(share)),
    svg("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" }, fill));
}

/** The first rows, and a button that shows the others. */
function bars(rows) {
  const list = el("ul", { class: "bars" }, ...rows.slice(0, SHOWN));
  const rest = rows.slice(SHOWN, MOST);
  if (rest.length === 0) {
    return [list];
  }
  const more = el("button", { type: "button", class: "plain" }, `${rest.length} more`);
  more.addEventListener("click", () => {
    list.append(...rest);
    more.remove();
  });
  return [list, el("div", {}, more)];
}

function classes(verdict) {
  const sorted = Object.entries(verdict.scores).sort((a, b) => b[1] - a[1]);
  const best = verdict.label ?? sorted[0]?.[0];
  const chips = (verdict.labels ?? []).map((label) => el("span", {}, label));
  const head = verdict.labels && chips.length === 0
    ? headline("None", "no score reaches its threshold")
    : headline(best, percent(verdict.scores[best] ?? 0));
  return [head,
    ...(chips.length > 1 ? [el("p", { class: "chips" }, ...chips)] : []),
    ...bars(sorted.map(([label, score]) => bar(label, score)))];
}

function found(things, image, one, none) {
  if (things.length === 0) {
    return [headline("Nothing", none)];
  }
  const counts = new Map();
  things.forEach((thing) => counts.set(thing.label, (counts.get(thing.label) ?? 0) + 1));
  const labels = [...counts.keys()];
  const colour = (thing) => COLOURS[labels.indexOf(thing.label) % COLOURS.length];
  // The best lies on top.
  const shapes = things.map((thing) => shape(thing, colour(thing)));
  const tags = things.map((thing) => tag(thing, colour(thing), image, things.length > 40));
  byId("shapes").setAttribute("viewBox", `0 0 ${image.width} ${image.height}`);
  byId("shapes").replaceChildren(...shapes.toReversed());
  byId("tags").replaceChildren(...tags.toReversed());
  const rows = things.map((thing, i) => pointing(bar(thing.label, thing.score, colour(thing)), [shapes[i], tags[i]]));
  const words = labels.map((label) => (counts.get(label) > 1 ? `${counts.get(label)} × ${label}` : label)).join(", ");
  const title = one === "thing" ? words : `${things.length} ${things.length === 1 ? one : one.replace("line", "lines")}`;
  return [headline(title), ...bars(rows)];
}

function shape(thing, colour) {
  const [left, top, right, bottom] = thing.box;
  const place = { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
  const box = svg("rect", { class: "box", "data-label": thing.label, ...place });
  box.style.stroke = colour;
  const fine = thing.label === "text" ? "fine" : "";
  return svg("g", { class: fine }, svg("rect", { class: "edge", ...place }), box);
}

/** The label of a box, at its upper left corner and within the photo. */
function tag(thing, colour, image, crowded) {
  const [left, top, right] = thing.box;
  const atRight = left / image.width > 0.7;
  const above = top / image.height > 0.07;
  const node = el("span", { class: `${above ? "above " : ""}${atRight ? "left" : ""}` },
    `${thing.label} ${Math.round(thing.score * 100)}`);
  node.hidden = crowded || thing.label === "text";
  node.style.left = `${((atRight ? right : left) / image.width) * 100}%`;
  node.style.top = `${(top / image.height) * 100}%`;
  node.style.background = colour;
  return node;
}

/** A row that shows its box when it is pointed at or reached by the keyboard. */
function pointing(row, nodes) {
  const pick = (on) => () => {
    byId("frame").classList.toggle("picked", on);
    nodes.forEach((node) => node.classList.toggle("pick", on));
  };
  row.tabIndex = 0;
  row.addEventListener("pointerenter", pick(true));
  row.addEventListener("pointerleave", pick(false));
  row.addEventListener("focus", pick(true));
  row.addEventListener("blur", pick(false));
  return row;
}

/** What covers which part; the mask has numbers of classes, of which the greatest is the first share. */
function areas(verdict) {
  const shares = Object.entries(verdict.shares);
  const colour = (i) => COLOURS[i % COLOURS.length];
  if (verdict.mask) {
    drawMask(verdict.mask, colour, shares.length);
  }
  return [headline(verdict.label ?? "Nothing", verdict.label ? `${percent(shares[0][1])} of the photo` : ""),
    ...bars(shares.map(([label, share], i) => bar(label, share, verdict.mask ? colour(i) : undefined)))];
}

function drawMask(mask, colour, known) {
  const covered = new Map();
  for (let i = 0; i + 1 < mask.runs.length; i += 2) {
    covered.set(mask.runs[i], (covered.get(mask.runs[i]) ?? 0) + mask.runs[i + 1]);
  }
  covered.delete(-1);
  const order = [...covered.keys()].sort((a, b) => covered.get(b) - covered.get(a) || a - b).slice(0, known);
  const canvas = byId("mask");
  canvas.width = mask.width;
  canvas.height = mask.height;
  const pen = canvas.getContext("2d");
  let at = 0;
  for (let i = 0; i + 1 < mask.runs.length; i += 2) {
    let left = mask.runs[i + 1];
    const rank = order.indexOf(mask.runs[i]);
    pen.fillStyle = rank < 0 ? "transparent" : colour(rank);
    while (left > 0) {
      const x = at % mask.width;
      const part = Math.min(left, mask.width - x);
      pen.fillRect(x, Math.floor(at / mask.width), part, 1);
      at += part;
      left -= part;
    }
  }
  canvas.hidden = false;
}

function vector(values) {
  const most = values.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-9);
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  const path = values.map((value, i) => `M${i + 0.5} 0V${(-value / most).toFixed(4)}`).join("");
  return [headline(`${values.length} numbers`, `a vector of length ${length.toFixed(3)} that stands for the photo`),
    svg("svg", { class: "vector", viewBox: `0 -1.05 ${values.length} 2.1`, preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("path", { d: path }))];
}

function times(timings, millis) {
  const steps = Object.keys(STEPS).filter((step) => timings[step] > 0);
  const sum = steps.reduce((total, step) => total + timings[step], 0) || 1;
  let at = 0;
  const blocks = steps.map((step) => {
    const block = svg("rect", { class: `step-${step}`, x: at, width: timings[step] / sum, height: 1 });
    at += timings[step] / sum;
    return block;
  });
  const words = steps.map((step) =>
    el("li", {}, el("i", { class: `step-${step}` }), `${STEPS[step]} `, el("b", {}, ms(timings[step]))));
  const whole = timings.total === undefined ? "" : `${ms(timings.total)} in the worker, `;
  return el("div", { class: "times" },
    el("div", { class: "told" }, el("h3", {}, "Time"), el("span", { class: "hint" }, `${whole}${ms(millis)} from here`)),
    svg("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" }, ...blocks),
    el("ul", {}, ...words));
}

function ms(value) {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

function json(result) {
  return el("details", {}, el("summary", {}, "As JSON"),
    el("pre", { tabindex: "0" }, pretty(result)));
}
