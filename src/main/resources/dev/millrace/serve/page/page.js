// The form: takes a photo, sends it to the worker, and hands the answer to those who show it.

import { byId, el, told } from "./dom.js";
import { showReference } from "./reference.js";
import { clearOverlay, showFailure, showResult } from "./verdict.js";

const AGAIN_MS = 2000;
const SAMPLES = ["astronaut.jpg", "coffee.jpg", "osprey.jpg"];

/** What was asked of last: {blob, name} or {url}; null before the first. */
let subject = null;
let token = "";
let underWay = null;

function headers(more = {}) {
  return token ? { ...more, Authorization: `Bearer ${token}` } : more;
}

function address(path) {
  return new URL(path, document.baseURI).href;
}

function chosen() {
  return document.querySelector("#choices input:checked")?.value;
}

/** The error that an answer or a failed call stands for. */
async function failure(response) {
  const text = await response.text();
  let line = text.slice(0, 300);
  try {
    line = JSON.parse(text).error ?? line;
  } catch {
    // A proxy between may answer with a page of its own.
  }
  return { status: response.status, kind: response.headers.get("Millrace-Error-Kind") ?? undefined, line };
}

function askForToken() {
  byId("token").hidden = false;
  byId("ask").hidden = !chosen();
  byId("verdict").hidden = !chosen();
  if (token) {
    byId("token-says").textContent = "That is not the token of this worker.";
    byId("bearer").select();
  }
  byId("bearer").focus();
}

async function loadModels() {
  let response;
  try {
    response = await fetch("v2/models", { headers: headers() });
  } catch {
    showFailure({ status: 0 });
    return;
  }
  if (response.status === 401) {
    askForToken();
    return;
  }
  if (!response.ok) {
    const error = await failure(response);
    showFailure(error);
    if (error.kind === "not_ready") {
      setTimeout(startAgain, AGAIN_MS);
    }
    return;
  }
  if (byId("choices").children.length === 0) {
    byId("answer").replaceChildren(el("p", { class: "hint" }, "The verdict appears here."));
  }
  byId("token").hidden = true;
  byId("ask").hidden = false;
  byId("verdict").hidden = false;
  const { models } = await response.json();
  const before = chosen();
  byId("choices").replaceChildren(...models.map((model, i) => {
    const input = el("input", { type: "radio", name: "model", value: model.name });
    input.checked = before ? model.name === before : i === 0;
    return el("label", {}, input, el("strong", {}, model.name), el("span", {}, model.kind ?? ""));
  }));
  if (models.length === 0) {
    byId("choices").append(el("p", { class: "hint" }, "This worker has no model yet."));
  }
  ask();
}

function startAgain() {
  loadState();
  loadModels();
}

async function loadState() {
  const state = byId("state");
  try {
    const response = await fetch("v2/health/ready", { headers: headers() });
    state.className = response.ok ? "good" : "bad";
    state.textContent = response.ok ? "ready" : "not ready";
  } catch {
    state.className = "bad";
    state.textContent = "cannot be reached";
  }
}

/** Shows the photo as the browser reads it: upright, as the worker's boxes are. */
function showPhoto(source, caption) {
  const photo = byId("photo");
  if (photo.src.startsWith("blob:")) {
    URL.revokeObjectURL(photo.src);
  }
  clearOverlay();
  photo.src = source;
  byId("caption").textContent = caption;
  byId("shown").hidden = false;
  byId("stage").classList.add("filled");
}

/** A frame of a photo's size for one that this page does not see. */
function blank(width, height) {
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="${Number(width)}" height="${Number(height)}"/>`;
  return `data:image/svg+xml,${encodeURIComponent(picture)}`;
}

function take(blob, name) {
  subject = { blob, name };
  byId("shown").classList.remove("unseen");
  showPhoto(URL.createObjectURL(blob), name);
  ask();
}

function takeUrl(url) {
  subject = { url };
  byId("shown").classList.add("unseen");
  showPhoto(blank(640, 400), "The worker loads this image; the page itself loads nothing from other hosts.");
  ask();
}

function request() {
  if (subject.url) {
    const input = {
      name: "image", shape: [1], datatype: "BYTES", parameters: { content: "url" }, data: [subject.url],
    };
    return { type: "application/json", body: JSON.stringify({ inputs: [input] }) };
  }
  const type = subject.blob.type.startsWith("image/") ? subject.blob.type : "application/octet-stream";
  return { type, body: subject.blob };
}

/** Asks for a verdict on the photo by the chosen model; a question before this one is dropped. */
async function ask() {
  const task = chosen();
  if (!subject || !task) {
    return;
  }
  underWay?.abort();
  const mine = new AbortController();
  underWay = mine;
  byId("shown").classList.add("busy");
  byId("verdict").setAttribute("aria-busy", "true");
  const path = `v2/models/${encodeURIComponent(task)}/infer?format=verdict`;
  const { type, body } = request();
  const from = performance.now();
  try {
    const response = await fetch(path, {
      method: "POST", headers: headers({ "Content-Type": type }), body, signal: mine.signal,
    });
    if (!response.ok) {
      const error = await failure(response);
      if (underWay === mine) {
        showFailure(error);
        if (error.status === 401) {
          askForToken();
        }
      }
      return;
    }
    const result = await response.json();
    if (underWay === mine) {
      if (subject.url && result.image) {
        byId("photo").src = blank(result.image.width, result.image.height);
      }
      showResult(result, task, performance.now() - from);
      byId("answer").append(command(task));
    }
  } catch (error) {
    if (underWay === mine && error.name !== "AbortError") {
      showFailure({ status: 0 });
      loadState();
    }
  } finally {
    if (underWay === mine) {
      byId("shown").classList.remove("busy");
      byId("verdict").removeAttribute("aria-busy");
    }
  }
}

/** The same request by hand; the token itself is not in it. */
function command(task) {
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const words = ["curl"];
  if (token) {
    words.push("-H", '"Authorization: Bearer $TOKEN"');
  }
  if (subject.url) {
    words.push("--json", quoted(request().body));
  } else {
    words.push("--data-binary", quoted(`@${subject.name}`));
  }
  words.push(quoted(address(`v2/models/${encodeURIComponent(task)}/infer?format=verdict`)));
  return told("By hand", words.join(" "));
}

function firstImage(files) {
  return [...files].find((file) => file.type.startsWith("image/")) ?? files[0];
}

function listen() {
  byId("file").addEventListener("change", (event) => {
    const file = event.target.files[0];
    if (file) {
      take(file, file.name);
    }
    // So that the same file can be chosen again.
    event.target.value = "";
  });
  byId("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    const url = byId("url").value.trim();
    if (url) {
      takeUrl(url);
    }
  });
  byId("choices").addEventListener("change", ask);
  byId("token").addEventListener("submit", (event) => {
    event.preventDefault();
    token = byId("bearer").value.trim();
    startAgain();
  });
  byId("photo").addEventListener("error", () => {
    byId("shown").classList.add("unseen");
    byId("photo").src = blank(640, 400);
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    byId("stage").classList.add("over");
  });
  document.addEventListener("dragleave", () => byId("stage").classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    byId("stage").classList.remove("over");
    const file = firstImage(event.dataTransfer.files);
    if (file) {
      take(file, file.name);
    }
  });
  document.addEventListener("paste", (event) => {
    const file = firstImage(event.clipboardData.files);
    const text = event.clipboardData.getData("text").trim();
    if (file) {
      event.preventDefault();
      take(file, file.name);
    } else if (event.target.tagName !== "INPUT" && /^(https?|s3):\/\//.test(text)) {
      byId("url").value = text;
      takeUrl(text);
    }
  });
}

function showSamples() {
  for (const name of SAMPLES) {
    const path = `samples/${name}`;
    const label = `Try ${name.replace(".jpg", "")}`;
    const button = el("button", { type: "button", title: label }, el("img", { src: path, alt: label }));
    button.addEventListener("click", async () => take(await (await fetch(path)).blob(), name));
    byId("samples").append(button);
  }
}

byId("try").hidden = false;
listen();
showSamples();
startAgain();
showReference(byId("operations"));
