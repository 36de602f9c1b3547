// One tile per market. Text of viewers enters through textContent only, within <bdi>.

import { element, shape } from "./elements.js";
import * as format from "./format.js";
import { fourRow } from "./four.js";

const FEW_COMMENTS = 30;
const MARKS = { negative: "▼", neutral: "●", positive: "▲", unscored: "○" };
const LEVELS = { alert: "▲ trouble", watch: "◆ watch", calm: "" };

const tileTemplate = document.getElementById("tile");
const lineTemplate = document.getElementById("line");
const tiles = new Map(); // market -> element, kept so that focus and scroll survive an update.

export function showMarkets(parent, { stream, markets, currency_digits: digits }) {
  const shown = new Set(markets.map((market) => market.market));
  for (const [name, tile] of tiles) {
    if (!shown.has(name)) {
      tile.remove();
      tiles.delete(name);
    }
  }
  // One scale for all: a small market must look small.
  const busiest = Math.max(1, ...markets.flatMap((market) => market.buckets.comments));
  const ordered = markets.map((market) => filledTile(stream, market, busiest, digits));
  ordered.forEach((tile, place) => {
    if (parent.children[place] !== tile) parent.insertBefore(tile, parent.children[place] ?? null);
  });
}

export function showLines(list, lines) {
  // A comment on screen is left as it is: a reader may be in the middle of it.
  const known = new Map([...list.children].map((item) => [item.dataset.id, item]));
  list.replaceChildren(...lines.map((line) => known.get(line.id) ?? newLine(line)));
}

function filledTile(stream, market, busiest, currencyDigits) {
  const tile = tiles.get(market.market) ?? newTile(market.market);
  const name = tile.querySelector(".name");
  name.href = format.evidenceAddress(stream, market.market);
  name.title = "The comments behind these numbers (e)";
  const last = market.recent["3m"];
  tile.dataset.level = market.level;
  put(tile, ".level", LEVELS[market.level]);
  put(tile, ".rate b", format.rate(market.recent["1m"].comments_per_minute));
  put(tile, ".share b", format.percent(last.negative_share.value));
  put(tile, ".evidence", evidence(last.negative_share));
  tile.querySelector(".mood").classList.toggle("faint", last.negative_share.n < FEW_COMMENTS);
  drawInterval(tile.querySelector(".interval"), last.negative_share, market.floor_ratio);
  drawSpark(tile.querySelector(".spark"), market.buckets, busiest);
  tile.querySelector(".four").replaceChildren(...fourRow(market.four));
  tile.querySelector(".facts").replaceChildren(...facts(market, currencyDigits));
  showLines(tile.querySelector(".lines"), market.latest);
  return tile;
}

function newTile(market) {
  const tile = tileTemplate.content.firstElementChild.cloneNode(true);
  tile.dataset.market = market;
  put(tile, ".name", format.marketName(market));
  put(tile, ".code", /^[A-Z]{2}$/.test(market) ? market : "");
  tile.querySelector(".lines").id = `lines-${market}`;
  tiles.set(market, tile);
  return tile;
}

function evidence(share) {
  if (share.n === 0) return "no comments in 3 min";
  const range = `${format.percent(share.low).replace(" %", "")}–${format.percent(share.high)}`;
  return `${range} · n ${format.count(share.n)} · 3 min`;
}

function facts(market, currencyDigits) {
  const open = market.questions.open;
  const waiting = open
    ? `${open} open, oldest ${format.duration(market.questions.oldest_age_seconds ?? 0)}`
    : "none open";
  const frictions = Object.entries(market.friction).sort((a, b) => b[1].severity - a[1].severity);
  const [friction, found] = frictions[0] ?? [null, null];
  const complaints = Object.entries(market.complaint_topics).filter(([topic]) => topic !== "none");
  const [topic, times] = complaints.sort((a, b) => b[1] - a[1])[0] ?? [null, 0];
  return [
    fact("Questions", format.count(market.questions.asked), waiting),
    fact("Orders", format.count(market.orders), format.money(market.gmv_minor, currencyDigits)),
    fact("Complaints", format.count(market.signals.complaint ?? 0),
      topic ? `${format.words(topic)} ${format.count(times)}` : ""),
    fact("Friction", friction ? format.count(found.count) : "0",
      friction ? `${format.words(friction)}${lift(found.lift)}` : ""),
  ];
}

function lift(times) {
  return times === null || times < 1.5 ? "" : ` ×${format.rate(times)}`;
}

function fact(label, number, note) {
  const group = document.createElement("div");
  group.append(element("dt", label), element("dd", number), element("dd", note, "note"));
  return group;
}

function newLine(line) {
  const item = lineTemplate.content.firstElementChild.cloneNode(true);
  item.dataset.id = line.id;
  item.dataset.sentiment = line.sentiment;
  item.dataset.role = line.role;
  const mark = item.querySelector(".mark");
  mark.textContent = MARKS[line.sentiment];
  mark.title = line.sentiment;
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", line.sentiment);
  const language = item.querySelector(".language");
  language.textContent = line.role === "viewer" ? line.language : line.role;
  language.title = format.languageName(line.language);
  const text = item.querySelector(".text");
  text.textContent = line.text;
  if (line.language !== "und") text.lang = line.language;
  item.title = [...line.signals, ...line.friction].map(format.words).join(", ");
  return item;
}

function drawSpark(svg, buckets, busiest) {
  const n = buckets.comments.length;
  const step = 180 / Math.max(n, 12);
  const height = (value) => (value / busiest) * 34;
  svg.replaceChildren(
    ...bars(buckets.comments, "all", step, height),
    ...bars(buckets.negative, "negative", step, height),
  );
  const total = buckets.comments.reduce((sum, value) => sum + value, 0);
  svg.setAttribute("aria-label", `${total} comments in ${format.duration(n * 10)}`);
}

function bars(values, kind, step, height) {
  return values.flatMap((value, place) => {
    if (value === 0) return [];
    const tall = Math.max(height(value), 1);
    return [shape("rect", {
      class: kind, x: place * step, y: 36 - tall, width: Math.max(step - 0.6, 0.8), height: tall,
    })];
  });
}

function drawInterval(svg, share, floorRatio) {
  if (share.n === 0) return svg.replaceChildren(shape("rect", { class: "track", y: 3, width: 100, height: 2 }));
  svg.replaceChildren(
    shape("rect", { class: "track", y: 3, width: 100, height: 2 }),
    shape("rect", { class: "band", x: share.low * 100, y: 1, width: Math.max((share.high - share.low) * 100, 1), height: 6 }),
    shape("rect", { class: "floor", x: floorRatio * 100, y: 0, width: 0.6, height: 8 }),
    shape("rect", { class: "value", x: Math.max(share.value * 100 - 0.6, 0), y: 0, width: 1.2, height: 8 }),
  );
}

function put(parent, selector, text) {
  const node = parent.querySelector(selector);
  if (node.textContent !== text) node.textContent = text;
}
