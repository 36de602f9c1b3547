// The comments behind a number. The address says which; text of viewers enters as text only.

import * as format from "./format.js";

const SPAN_MS = 180_000;
const TIMES = ["from_ms", "to_ms"];
const CHOICES = {
  sentiment: ["negative", "neutral", "positive", "unscored"],
  signal: ["question", "complaint", "purchase_intent", "product_request", "praise", "order_code",
    "cancel", "giveaway", "spam", "toxic"],
  topic: ["price", "payment", "shipping", "customs_tax", "size_units", "quality", "authenticity",
    "stock", "usage", "returns", "host_stream"],
  friction: ["language_barrier", "units_currency_size", "hard_sell", "taboo_etiquette",
    "trust_counterfeit", "customs_regulation"],
};
const MARKS = { negative: "▼", neutral: "●", positive: "▲", unscored: "○" };

const byId = (id) => document.getElementById(id);
const ask = byId("ask");
const address = new URLSearchParams(location.search);
let shown = null; // The last answer.

async function load() {
  const query = new URLSearchParams([...address].filter(([, value]) => value !== ""));
  history.replaceState(null, "", `/evidence?${query}`);
  byId("back").href = `/?stream=${encodeURIComponent(address.get("stream") ?? "")}`;
  let answer;
  let told;
  try {
    answer = await fetch(`/api/evidence?${query}`);
    told = await answer.json();
  } catch {
    return say("The board does not answer. This page asks again by itself.", true);
  }
  if (!answer.ok) return say(`${told.error}${told.see ? `: see ${told.see}` : ""}`, false);
  byId("notice").hidden = true;
  byId("found").hidden = false;
  shown = told;
  show(told);
}

function say(text, again) {
  byId("notice").textContent = text;
  byId("notice").hidden = false;
  byId("found").hidden = true;
  if (again) setTimeout(load, 3_000);
}

function show({ found, questions }) {
  const { wanted } = found;
  document.title = `Evidence · ${wanted.stream} · Resonance`;
  byId("title").textContent = wanted.stream;
  byId("span").textContent = `${format.clock(wanted.from_ms)} – ${format.clock(wanted.to_ms - 1)}`;
  byId("count").textContent = counted(found);
  byId("comments").replaceChildren(...found.comments.map(quote));
  byId("about").replaceChildren(
    ...facts("Topics", found.topics, format.words),
    ...facts("Languages", found.languages, format.languageName),
    ...(found.product ? facts("On screen", { [found.product]: null }, String) : []),
  );
  byId("moments").replaceChildren(...found.moments.map(moment));
  byId("questions").replaceChildren(...questions.map(question));
}

function counted(found) {
  const voices = `${format.count(found.matching)} comments of ${format.count(found.authors)} viewers`;
  const few = found.comments.length < found.matching ? `, the newest ${found.comments.length} shown` : "";
  const since = found.held_since_ms;
  const cut = since > found.wanted.from_ms
    ? ` Only what came after ${format.clock(since)} is held here; older comments are in the archive.` : "";
  return `${voices}${few}.${cut}`;
}

function quote(line) {
  const item = byId("line").content.firstElementChild.cloneNode(true);
  item.dataset.sentiment = line.sentiment;
  const mark = item.querySelector(".mark");
  mark.textContent = MARKS[line.sentiment];
  mark.title = line.sentiment;
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", line.sentiment);
  item.querySelector("time").textContent = format.clock(line.at_ms);
  item.querySelector(".language").textContent = line.language;
  item.querySelector(".language").title = format.languageName(line.language);
  const text = item.querySelector(".text");
  text.textContent = line.text;
  if (line.language !== "und") text.lang = line.language;
  const tags = [...line.signals, ...line.topics, ...line.friction].map(format.words);
  item.querySelector(".tags").textContent = [`voice ${line.author}`, ...tags].join(" · ");
  return item;
}

function facts(label, counts, name) {
  return Object.entries(counts).slice(0, 6).map(([key, count], place) => {
    const group = document.createElement("div");
    group.append(part("dt", `${place === 0 ? `${label}: ` : ""}${name(key)}`), part("dd", count === null ? "" : format.count(count)));
    return group;
  });
}

function moment(event) {
  const item = document.createElement("li");
  item.append(part("time", format.clock(event.at_ms)), part("span", format.words(event.action), "what"));
  item.append(part("bdi", [event.product, event.text].filter(Boolean).join(": ")));
  return item;
}

function question(waiting) {
  const item = document.createElement("li");
  const about = [waiting.topic && format.words(waiting.topic), waiting.product].filter(Boolean).join(", ");
  item.append(part("b", `${format.marketName(waiting.market)}: ${about || "no topic found"}`));
  const wishes = waiting.intents ? `, ${format.count(waiting.intents)} to buy` : "";
  item.append(part("small", `${format.count(waiting.askers)} viewers${wishes}, waiting ${format.duration(waiting.wait_seconds)}, in ${waiting.languages.join(", ")}`));
  for (const line of waiting.texts.slice(0, 2)) item.append(part("bdi", line.text));
  return item;
}

function part(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function move(byMs) {
  const { from_ms, to_ms } = shown.found.wanted;
  address.set("from_ms", from_ms + byMs);
  address.set("to_ms", to_ms + byMs);
  load();
}

async function fillMarkets() {
  const answer = await fetch(`/api/streams/${encodeURIComponent(address.get("stream") ?? "")}`);
  if (!answer.ok) return;
  const { markets } = await answer.json();
  const names = markets.map(({ market }) => [market, format.marketName(market)]);
  ask.elements.market.append(...names.map(([value, text]) => new Option(text, value)));
  ask.elements.market.value = address.get("market") === "*" ? "" : address.get("market") ?? "";
}

for (const [name, values] of Object.entries(CHOICES)) {
  const select = ask.elements[name];
  select.append(...values.map((value) => new Option(format.words(value), value)));
  select.value = address.get(name) ?? "";
}
ask.addEventListener("change", (event) => {
  address.set(event.target.name, event.target.value);
  load();
});
byId("earlier").addEventListener("click", () => shown && move(-SPAN_MS));
byId("later").addEventListener("click", () => shown && move(SPAN_MS));
byId("now").addEventListener("click", () => {
  TIMES.forEach((name) => address.delete(name));
  load();
});
fillMarkets().catch(() => {});
load();
