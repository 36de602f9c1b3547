// The feed, the clock, the picker and the keys. What a number means is in docs/measures.md.

import { element } from "./elements.js";
import * as format from "./format.js";
import { showAlerts, showHistory } from "./history.js";
import { showLines, showMarkets } from "./tiles.js";

const BEHIND_RED_SECONDS = 15;
const RETRY_MS = 3_000;

const byId = (id) => document.getElementById(id);
const state = {
  wanted: new URLSearchParams(location.search).get("stream") ?? "",
  paused: false,
  latest: null, // The last payload, kept while the page is held still.
  connected: false,
  serverMs: 0, // The board's clock at the last beat, and ours then: clocks may differ.
  beatAt: 0,
};
let feed = null;

function connect() {
  feed?.close();
  feed = new EventSource(`/live?stream=${encodeURIComponent(state.wanted)}`);
  feed.addEventListener("clock", (event) => {
    state.connected = true;
    state.serverMs = Number(event.data);
    state.beatAt = performance.now();
    showClock();
  });
  feed.addEventListener("message", (event) => {
    state.latest = JSON.parse(event.data);
    if (!state.paused) show(state.latest);
  });
  feed.addEventListener("error", () => {
    state.connected = false;
    showClock();
    // The browser tries again after a broken connection, but gives up on a refusal.
    if (feed.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
  });
}

function show({ streams, stream, alerts }) {
  showPicker(streams, stream);
  showAlerts(byId("alerts"), alerts, stream?.stream);
  const notice = byId("notice");
  notice.hidden = stream !== null;
  notice.textContent = "Waiting for the first stream. Numbers appear as soon as comments arrive.";
  byId("room").hidden = stream === null;
  document.title = stream ? `${stream.stream} · Resonance` : "Resonance";
  byId("history").hidden ||= stream === null;
  if (stream === null) return showMarkets(byId("markets"), { stream: "", markets: [] });
  showRoom(stream);
  showAnswers(stream);
  showHistory(byId("history"), byId("history-rows"), stream);
  showMarkets(byId("markets"), stream);
  showClock();
}

function showPicker(streams, stream) {
  const picker = byId("picker");
  const options = streams.map((line) => {
    const started = line.started_at_ms === null ? "" : ` · ${format.timeOfDay(line.started_at_ms)}`;
    return [line.stream, `${line.stream}${line.ended ? " · ended" : ""}${started}`];
  });
  // Rebuilding a list that someone has opened would close it.
  const signature = JSON.stringify(options);
  if (picker.dataset.signature !== signature) {
    picker.dataset.signature = signature;
    picker.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  }
  if (stream && document.activeElement !== picker) picker.value = stream.stream;
}

function showRoom(stream) {
  const { room } = stream;
  const share = room.recent["3m"].negative_share;
  const figures = [
    ["comments/min", format.rate(room.recent["1m"].comments_per_minute)],
    ["comments", format.count(room.comments)],
    ["commenters", format.count(room.commenters)],
    ["orders/min", format.rate(room.recent["1m"].orders)],
    ["negative, 3 min", format.percent(share.value), share.n < 30 ? "faint" : ""],
    ["oldest question", waited(stream)],
    ["orders", format.count(room.orders)],
    ["masked", format.count(sum(room.masked))],
    ["languages", format.count(Object.keys(room.languages).filter((tag) => tag !== "und").length)],
  ];
  if (stream.viewers !== null) figures.splice(3, 0, ["watching", format.count(stream.viewers)]);
  if (stream.product !== null) figures.push(["on screen", stream.product, "text"]);
  byId("room-figures").replaceChildren(...figures.map(([label, value, className]) => {
    const group = document.createElement("div");
    group.className = className ?? "";
    group.append(element("dt", label), element("dd", value));
    return group;
  }));
  byId("staff").hidden = stream.staff.length === 0;
  showLines(byId("staff-lines"), stream.staff.slice(0, 1));
}

function waited({ answer_now: waiting }) {
  if (waiting.length === 0) return "–";
  return format.duration(Math.max(...waiting.map((question) => question.wait_seconds)));
}

function showAnswers({ stream, answer_now: waiting }) {
  byId("answers").hidden = waiting.length === 0;
  byId("answer-lines").replaceChildren(...waiting.slice(0, 3).map((question) => {
    const item = document.createElement("li");
    const about = [question.topic && format.words(question.topic), question.product];
    const link = element("a", `${format.marketName(question.market)}: ${about.filter(Boolean).join(", ") || "a question"}`);
    link.href = format.evidenceAddress(stream, question.market, { signal: "question" });
    const wait = `${format.count(question.askers)} ask, ${format.duration(question.wait_seconds)}`;
    item.append(link, element("small", wait), element("bdi", question.texts[0]?.text ?? ""));
    return item;
  }));
}

const sum = (counts) => Object.values(counts).reduce((total, n) => total + n, 0);

function showClock() {
  const stream = state.latest?.stream;
  const [level, text] = clockText(stream);
  byId("clock").dataset.level = level;
  // A screen reader says every change of it: once the level is told, the seconds are not.
  byId("clock").setAttribute("aria-live", level === "live" ? "off" : "polite");
  if (byId("clock-text").textContent !== text) byId("clock-text").textContent = text;
}

function clockText(stream) {
  if (!state.connected) return ["lost", "Reconnecting"];
  if (!stream) return ["waiting", "No stream yet"];
  if (stream.ended) return ["ended", "Ended"];
  if (stream.watermark_ms === null) return ["waiting", "Starting"];
  const nowMs = state.serverMs + (performance.now() - state.beatAt);
  const seconds = Math.max((nowMs - stream.watermark_ms) / 1000, 0);
  return [seconds > BEHIND_RED_SECONDS ? "behind" : "live", `Behind live ${format.duration(seconds)}`];
}

function pause(paused) {
  state.paused = paused;
  document.body.classList.toggle("paused", paused);
  byId("pause").setAttribute("aria-pressed", String(paused));
  byId("pause").textContent = paused ? "Resume" : "Pause";
  if (!paused && state.latest) show(state.latest);
}

function step(by) {
  const tiles = [...document.querySelectorAll(".tile")];
  const place = tiles.indexOf(document.activeElement?.closest(".tile"));
  tiles[Math.min(Math.max(place + by, 0), tiles.length - 1)]?.focus();
}

const KEYS = {
  " ": () => pause(!state.paused),
  j: () => step(1),
  k: () => step(-1),
  c: () => document.body.classList.toggle("no-comments"),
  t: () => document.body.classList.toggle("no-history"),
  e: () => document.activeElement?.closest(".tile")?.querySelector("a.name").click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("select, button, a") || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});
byId("pause").addEventListener("click", () => pause(!state.paused));
byId("picker").addEventListener("change", (event) => {
  state.wanted = event.target.value;
  history.replaceState(null, "", `?stream=${encodeURIComponent(state.wanted)}`);
  event.target.blur();
  pause(false);
  connect();
});
setInterval(showClock, 1_000);
connect();
