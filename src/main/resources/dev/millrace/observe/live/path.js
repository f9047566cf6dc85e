// The drawing of the path: from the queue through the stages and each model's ring back to it.

import { byId, el, svg } from "./dom.js";
import { count, percent, rate, time } from "./words.js";

/** Stages of a ring by the names of the metrics, with the names that the limit has for them. */
const IN_RING = [["decode", "preprocess"], ["infer", "infer"], ["postprocess", "postprocess"]];

function arrow() {
  return el("div", { class: "flow", "aria-hidden": "true" },
    svg("svg", { viewBox: "0 0 22 12" },
      svg("path", { class: "run", d: "M0 6H16" }), svg("path", { class: "head", d: "M15 2L22 6L15 10z" })));
}

function bar() {
  const fill = el("i");
  const node = el("div", { class: "bar", "aria-hidden": "true" }, fill);
  return { node, show: (share) => { fill.style.width = `${(100 * Math.min(1, share)).toFixed(1)}%`; } };
}

/** Changes a text only where it is another, so that a selection of it stays. */
function put(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** A stage as a box: what goes through it, how long that takes, and how busy it is. */
function box(title, hasBusy) {
  const figure = el("p", { class: "figure" });
  const say = el("p", { class: "say" });
  const root = el("div", { class: "node" }, el("h3", {}, title), figure, say);
  const share = bar();
  const busy = el("b");
  if (hasBusy) {
    root.append(el("div", { class: "busy" }, el("span", {}, "busy", busy), share.node));
  }
  return {
    root,
    show({ perSecond, lines = [], busy: part, limits = false, down = "" }) {
      figure.replaceChildren(rate(perSecond), el("small", {}, " /s"));
      const all = [...lines, down].filter(Boolean);
      if (say.dataset.said !== all.join("\n")) {
        say.dataset.said = all.join("\n");
        const shown = all.map((line) => (line === down ? el("b", {}, line) : line));
        say.replaceChildren(...shown.flatMap((line, i) => (i ? [el("br"), line] : [line])));
      }
      if (hasBusy) {
        put(busy, percent(part));
        share.show(part ?? 0);
      }
      root.classList.toggle("limits", limits);
      root.classList.toggle("down", Boolean(down));
    },
  };
}

function ring(task) {
  const occupied = el("span");
  const share = bar();
  const stages = IN_RING.map(([, name]) => box(name, true));
  const root = el("div", { class: "ring" },
    el("p", {}, el("span", {}, "ring ", el("b", {}, task)), occupied),
    share.node,
    el("div", { class: "stages" }, ...stages.flatMap((stage, i) => (i ? [arrow(), stage.root] : [stage.root]))));
  return {
    root,
    show(model, status) {
      put(occupied, `${count(model.ring.occupied)} of ${count(model.ring.size)} rows`);
      share.show(model.ring.occupied / model.ring.size);
      IN_RING.forEach(([name, limit], i) => {
        const stage = find(status, name, task);
        stages[i].show({
          perSecond: stage.per_second,
          busy: stage.busy,
          limits: status.limited_by.stage === `${limit}-${task}`,
          lines: [
            median(stage),
            name === "decode" && (stage.threads === 1 ? "1 thread" : `${stage.threads} threads`),
            name === "infer" && model.batches.mean != null && `batches of ${rate(model.batches.mean)}`,
          ],
        });
      });
    },
  };
}

function median(stage) {
  return stage.p50_seconds != null && time(stage.p50_seconds);
}

export function find(status, name, task) {
  return status.stages.find((stage) => stage.name === name && stage.task === task);
}

function end(title) {
  return el("div", { class: "node end" }, el("h3", {}, title));
}

let drawn = "";
let parts = {};

function draw(status) {
  const tasks = status.models.map((model) => model.task);
  const plan = JSON.stringify([tasks, Boolean(status.callers)]);
  if (plan === drawn) {
    return;
  }
  drawn = plan;
  parts = {
    source: box("source"),
    callers: status.callers && box("callers"),
    fetch: box("fetch"),
    rings: tasks.map(ring),
    callback: box("callback"),
    acknowledge: box("acknowledge"),
  };
  const line = [
    end("queue"),
    parts.callers ? el("div", { class: "ways" }, parts.source.root, parts.callers.root) : parts.source.root,
    parts.fetch.root,
    el("div", { class: "rings" }, ...parts.rings.map((one) => one.root)),
    parts.callback.root, parts.acknowledge.root, end("queue"),
  ];
  byId("path").replaceChildren(...line.flatMap((one, i) => (i ? [arrow(), one] : [one])));
}

function named(hosts) {
  return hosts.length > 0 ? `down: ${hosts.join(", ")}` : "";
}

/** What is shared by all models. */
function showOutside(status) {
  const { waits, down, messages, limited_by: limit } = status;
  parts.source.show({
    perSecond: messages.received_per_second,
    limits: ["receivers", "admission"].includes(limit.stage),
    down: down.queue ? "no answer" : "",
    lines: [messages.age.p50_seconds != null && `age ${time(messages.age.p50_seconds)}`],
  });
  const fetch = find(status, "fetch");
  parts.fetch.show({
    perSecond: fetch.per_second,
    limits: limit.stage === "host",
    down: named(down.image_hosts),
    lines: [median(fetch), waits.image_hosts > 0 && `${count(waits.image_hosts)} wait for a host`],
  });
  const callback = find(status, "callback");
  parts.callback.show({
    perSecond: callback.per_second,
    down: named(down.callback_hosts),
    lines: [median(callback), waits.callback_hosts > 0 && `${count(waits.callback_hosts)} held`],
  });
  const acknowledge = find(status, "acknowledge");
  parts.acknowledge.show({
    perSecond: acknowledge.per_second,
    limits: limit.stage === "acknowledger",
    lines: [median(acknowledge), waits.queue > 0 && `${count(waits.queue)} wait`],
  });
}

export function showPath(status) {
  draw(status);
  showOutside(status);
  const { callers, messages } = status;
  parts.callers?.show({
    perSecond: callers.per_second,
    lines: [
      callers.p50_seconds != null && time(callers.p50_seconds),
      `${count(callers.images)} ${callers.images === 1 ? "image" : "images"} in hand`,
      callers.refused_per_second > 0 && `${rate(callers.refused_per_second)} /s refused`,
    ],
  });
  parts.rings.forEach((one, i) => one.show(status.models[i], status));
  byId("path").classList.toggle("moving", status.images_per_second > 0 || callers?.per_second > 0);
  put(byId("permits-taken"), `${count(messages.permits)} of ${count(messages.limit)} taken, ${count(messages.in_flight)} by messages in flight`);
  byId("permits").querySelector("i").style.width = `${Math.min(100, (100 * messages.permits) / Math.max(1, messages.limit)).toFixed(1)}%`;
  byId("permits").classList.toggle("full", status.limited_by.stage === "admission");
}
