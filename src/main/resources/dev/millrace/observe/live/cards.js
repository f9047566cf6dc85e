// What is below the path: errors, times, batches, models and the machine.

import { byId, el, svg } from "./dom.js";
import { ago, bytes, count, percent, rate, time } from "./words.js";

const STEPS = {
  fetch: "download", slot: "wait for a thread", decode: "decode and resize", wait: "wait for a batch",
  infer: "model", postprocess: "verdict", callback: "callback", acknowledge: "tell the queue",
};

/** An error that is younger than this is marked. */
const NEW_SECONDS = 60;

/** The times that the chart of a step begins and ends with, as powers of ten of seconds. */
const CHART = [-4, 2];

function table(heads, rows) {
  return el("table", {},
    el("thead", {}, el("tr", {}, ...heads.map(([text, name]) => el("th", { scope: "col", class: name ?? "" }, text)))),
    el("tbody", {}, ...rows));
}

function at(seconds) {
  const place = (Math.log10(seconds) - CHART[0]) / (CHART[1] - CHART[0]);
  return 100 * Math.min(1, Math.max(0, place));
}

/** From the median to the slowest of a hundred, on a scale of powers of ten. */
function range(from, to) {
  const chart = svg("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("line", { x1: 0, x2: 100, y1: 4, y2: 4, "vector-effect": "non-scaling-stroke" }));
  if (from != null) {
    chart.append(svg("rect", { x: at(from), y: 1, width: Math.max(1.2, at(to) - at(from)), height: 6, rx: 1 }));
  }
  return chart;
}

function step(title, figures) {
  return el("tr", {},
    el("th", { scope: "row" }, title),
    el("td", {}, time(figures.p50_seconds)),
    el("td", {}, time(figures.p99_seconds)),
    el("td", { class: "range" }, range(figures.p50_seconds, figures.p99_seconds)));
}

function showTimes(status) {
  if (status.stages.every((stage) => stage.p50_seconds == null)) {
    byId("times").replaceChildren(el("p", { class: "hint" }, "There was nothing to time in the last seconds."));
    return;
  }
  const several = status.models.length > 1;
  const rows = status.stages.map((stage) =>
    step(STEPS[stage.name] + (several && stage.task ? `, ${stage.task}` : ""), stage));
  rows.push(step("message, receipt to end", status.messages.total));
  if (status.callers) {
    rows.push(step("caller, asked to answered", status.callers));
  }
  byId("times").replaceChildren(table([["step"], ["median"], ["99 of 100"], ["", "range"]], rows));
}

function showErrors(status) {
  if (status.errors.length === 0) {
    byId("errors").replaceChildren(el("p", { class: "hint" }, "There has been none since the worker started."));
    return;
  }
  const now = Date.parse(status.time);
  const rows = status.errors.map((error) => {
    const seconds = error.last ? (now - Date.parse(error.last.time)) / 1000 : null;
    const { host, message } = error.last ?? { host: "", message: "" };
    return el("tr", { class: seconds != null && seconds < NEW_SECONDS ? "new" : "" },
      el("th", { scope: "row", class: "mono" }, error.kind),
      el("td", {}, count(error.count)),
      el("td", {}, count(error.tried_again)),
      el("td", {}, seconds == null ? "" : ago(seconds)),
      el("td", { class: "text" }, host && !message.includes(host) ? el("span", {}, host) : null, message));
  });
  byId("errors").replaceChildren(table([["kind"], ["ended so"], ["tried again"], ["last"], ["", "text"]], rows));
}

/** Sizes up to the largest that there was. */
function sizes(batches) {
  const last = batches.sizes.findLastIndex((size) => size.share > 0);
  const most = Math.max(...batches.sizes.map((size) => size.share));
  return el("ul", { class: "sizes" }, ...batches.sizes.slice(0, Math.max(4, last + 1)).map((size) => {
    const column = el("i");
    column.style.height = `${Math.round((60 * size.share) / Math.max(most, 0.01))}%`;
    return el("li", { class: size.share > 0 ? "some" : "" },
      size.share > 0 ? percent(size.share) : "", column, el("span", {}, size.rows));
  }));
}

function showBatches(status) {
  byId("batches").replaceChildren(...status.models.flatMap(({ task, batches }) => (batches.mean == null
    ? [el("h3", {}, `${task}: none in the last seconds`)]
    : [el("h3", {}, `${task}: ${rate(batches.per_second)} a second, of ${rate(batches.mean)} images on average`), sizes(batches)])));
}

function showModels(status) {
  const rows = status.models.map((model) => el("tr", {},
    el("th", { scope: "row" }, model.task),
    el("td", { class: "text" }, model.model),
    el("td", { class: "text mono" }, model.version),
    el("td", { class: "text" }, model.engine),
    el("td", {}, `1 to ${model.max_batch}`)));
  byId("models").replaceChildren(
    table([["task"], ["model", "text"], ["version", "text"], ["engine", "text"], ["batch"]], rows));
  const { worker, gpu } = status;
  const facts = [
    ["device", worker.device],
    ["build", `${worker.version}, Java ${worker.java}`],
    ["started", ago((Date.parse(status.time) - Date.parse(worker.started)) / 1000)],
    ["CPU", `${percent(status.cpu_share)} of ${worker.cpus} cores` + (status.images_per_second > 0 ? `, ${rate(status.cpu_ms_per_image)} ms an image` : "")],
    ["memory", `${bytes(worker.memory_bytes)} of ${bytes(worker.memory_limit_bytes)}`],
    ["messages since it started", `${count(status.messages.received)} received, ${count(status.messages.deleted)} deleted`],
  ];
  if (gpu) {
    facts.push(["GPU", `${percent(gpu.utilization)} busy, ${bytes(gpu.memory_bytes)} of ${bytes(gpu.memory_total_bytes)}, ${count(gpu.power_watts)} W`]);
  }
  byId("facts").replaceChildren(...facts.map(([name, text]) => el("div", {}, el("dt", {}, name), el("dd", {}, text))));
}

export function showCards(status) {
  showErrors(status);
  showTimes(status);
  showBatches(status);
  showModels(status);
}
