// Asks the worker every two seconds while the page is seen, and shows what it says.

import { byId, el } from "./dom.js";
import { showCards } from "./cards.js";
import { showPath } from "./path.js";
import { rate, time } from "./words.js";

const EVERY_MS = 2000;
const PATIENCE_MS = 5000;

/** Points of the chart: two minutes. */
const POINTS = 61;

const GOOD = ["working", "idle"];
const WAITS = ["starting", "draining", "careful"];

const rates = [];
let timer = 0;
let heardMs = 0;

/** Said to a screen reader where it changes, so it holds no figures. */
function showState(name, title, detail, more) {
  byId("state").className = GOOD.includes(name) ? "good" : WAITS.includes(name) ? "warn" : "bad";
  if (byId("title").textContent !== title) {
    byId("title").textContent = title;
  }
  byId("detail").textContent = detail;
  byId("more").replaceChildren(...more.map((one) => el("li", {}, el("b", {}, one.title), ": ", one.detail)));
}

function showRate(status) {
  rates.push(status.images_per_second);
  if (rates.length > POINTS) {
    rates.shift();
  }
  const most = Math.max(1, ...rates);
  const step = 240 / (POINTS - 1);
  const points = rates.map((value, i) =>
    `${(240 - (rates.length - 1 - i) * step).toFixed(1)} ${(54 - (50 * value) / most).toFixed(1)}`);
  const line = `M${points.join("L")}`;
  const first = points[0].split(" ")[0];
  const chart = byId("rate-chart");
  chart.querySelector(".line").setAttribute("d", line);
  chart.querySelector(".area").setAttribute("d", `${line}L240 56L${first} 56z`);
  byId("rate-now").textContent = rate(status.images_per_second);
  byId("rate-callers").textContent = status.callers ? `from the queue; beside them ${rate(status.callers.per_second)} requests of callers` : "";
  byId("rate-of").replaceChildren(
    el("span", {}, "the last two minutes"), el("span", {}, `most ${rate(Math.max(...rates))}`));
}

function show(status) {
  const { state, limited_by: limit } = status;
  showState(state.name, state.title, state.detail, state.more);
  document.title = `${state.title} – Millrace`;
  byId("live").hidden = false;
  byId("live").classList.remove("stale");
  const running = status.stages.length > 0;
  for (const part of document.querySelectorAll("#live > :not(#state), #rate")) {
    part.hidden = !running;
  }
  byId("limit").textContent = limit?.sentence ?? "";
  if (!running) {
    return;
  }
  byId("limit").classList.toggle("stage", state.name !== "idle" && limit.stage !== "arrivals");
  byId("window").textContent = status.since_start
    ? "Figures since the worker started; those of the last seconds come next."
    : `Figures of the last ${time(status.window_seconds)}; times are medians.`;
  showRate(status);
  showPath(status);
  showCards(status);
}

function showSilence() {
  const since = heardMs ? ` It answered last ${time((Date.now() - heardMs) / 1000)} ago; what is below is from then.` : "";
  showState("silent", "The worker does not answer", `Its process has ended, or cannot be reached from here.${since}`, []);
  document.title = "The worker does not answer – Millrace";
  byId("live").hidden = false;
  byId("live").classList.add("stale");
  byId("limit").textContent = "";
  if (!heardMs) {
    for (const part of document.querySelectorAll("#live > :not(#state), #rate")) {
      part.hidden = true;
    }
  }
}

async function ask() {
  try {
    const response = await fetch("status.json", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!response.ok) {
      throw new Error(`status ${response.status}`);
    }
    const status = await response.json();
    heardMs = Date.now();
    show(status);
    byId("fresh").textContent = `as of ${new Date(status.time).toLocaleTimeString()}`;
  } catch {
    showSilence();
  }
}

async function turn() {
  clearTimeout(timer);
  if (!document.hidden) {
    await ask();
    clearTimeout(timer);
    timer = setTimeout(turn, EVERY_MS);
  }
}

document.addEventListener("visibilitychange", turn);
turn();
