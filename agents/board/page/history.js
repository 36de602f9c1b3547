// What is wrong and since when: alerts above, and a row of the last minutes for each market.

import { element, shape } from "./elements.js";
import * as format from "./format.js";

const CELL_BUCKETS = 3; // 30 s: short enough to see a spike begin, long enough to hold a share.
const LEFT = 120;
const WIDTH = 900;
const ROW = 14;
const TOP = 14;
const FEW = 5;
const ROWS = 12; // The most troubled; the tiles below have them all.
const LABEL_WIDTH = 48;
const Z = 1.96;
const MARKED = {
  product_shown: "product", price: "price", giveaway_started: "giveaway", vote_started: "vote",
  raid_started: "raid",
};

export function showAlerts(list, { known, on }, stream) {
  const mine = on.filter((alert) => alert.stream === null || alert.stream === stream);
  const items = mine.map((alert) => item(alert, stream));
  if (known === false) {
    const lost = element("li", "Alertmanager does not answer: alerts are not known here.");
    lost.dataset.severity = "lost";
    items.unshift(lost);
  }
  list.replaceChildren(...items);
}

function item(alert, stream) {
  const line = document.createElement("li");
  line.dataset.severity = alert.held_back ? "held" : alert.severity;
  const mark = { page: "▲", ticket: "◆" }[alert.severity] ?? "●";
  line.append(element("b", `${mark} ${alert.summary || alert.name}`));
  const held = alert.held_back ? ", held back" : "";
  line.append(element("small", `since ${format.clock(alert.since_ms)}${held}`));
  if (alert.stream && alert.market) {
    const link = element("a", "evidence");
    link.href = format.evidenceAddress(stream, alert.market, alert.topic ? { topic: alert.topic } : {});
    line.append(link);
  }
  return line;
}

export function showHistory(figure, svg, { markets, moments }) {
  const shown = markets.filter((market) => market.buckets.comments.length > 0).slice(0, ROWS);
  figure.hidden = shown.length === 0;
  if (figure.hidden) return;
  const { start_ms: startMs, step_ms: stepMs, comments } = shown[0].buckets;
  const cells = Math.ceil(comments.length / CELL_BUCKETS);
  const width = (WIDTH - LEFT) / Math.max(cells, 15);
  const height = TOP + ROW * shown.length;
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
  svg.setAttribute("aria-label", `Mood of ${shown.length} markets over ${format.duration(comments.length * stepMs / 1000)}`);
  const x = (ms) => LEFT + ((ms - startMs) / (stepMs * CELL_BUCKETS)) * width;
  const marks = moments.filter(({ action, at_ms }) => action in MARKED && at_ms >= startMs);
  svg.replaceChildren(
    ...shown.flatMap((market, row) => rowOf(market, TOP + row * ROW, cells, width)),
    ...marksOf(marks, x, height),
  );
}

function marksOf(moments, x, height) {
  let freeFrom = 0; // Words that lie on each other say nothing: the line's own title does.
  return moments.flatMap((moment) => {
    const at = x(moment.at_ms);
    const [line, label] = markOf(moment, at, height);
    if (at < freeFrom) return [line];
    freeFrom = at + LABEL_WIDTH;
    return [line, label];
  });
}

function rowOf({ market, buckets, floor_ratio: floorRatio }, y, cells, width) {
  const name = shape("text", { x: 0, y: y + ROW - 5, class: "market" });
  name.textContent = format.marketName(market);
  const drawn = [name];
  for (let cell = 0; cell < cells; cell += 1) {
    const from = cell * CELL_BUCKETS;
    const n = total(buckets.unmasked.slice(from, from + CELL_BUCKETS));
    const negative = total(buckets.negative.slice(from, from + CELL_BUCKETS));
    const level = levelOf(negative, n, floorRatio);
    const rect = shape("rect", {
      class: `cell ${level}`, x: LEFT + cell * width, y: y + 1, width: Math.max(width - 1, 1), height: ROW - 2,
    });
    const title = shape("title", {});
    title.textContent = `${format.marketName(market)} ${format.clock(buckets.start_ms + from * buckets.step_ms)}: ${negative} of ${n} negative`;
    rect.append(title);
    drawn.push(rect);
    // Shape as well as colour: who sees no red sees the bar.
    if (level === "alert") drawn.push(shape("rect", { class: "cell-mark", x: LEFT + cell * width, y: y + ROW / 2 - 1, width: Math.max(width - 1, 1), height: 3 }));
  }
  return drawn;
}

function levelOf(negative, n, floorRatio) {
  if (n < FEW) return n === 0 ? "none" : "few";
  const share = negative / n;
  if (lowEnd(share, n) > floorRatio) return "alert";
  return share > floorRatio ? "watch" : "calm";
}

// The lower end of Wilson's 95 % interval, as everywhere.
function lowEnd(share, n) {
  const spread = Z * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n));
  return (share + (Z * Z) / (2 * n) - spread) / (1 + (Z * Z) / n);
}

function markOf(moment, x, height) {
  const line = shape("line", { class: "stage-mark", x1: x, x2: x, y1: TOP - 2, y2: height });
  const label = shape("text", { class: "stage-mark", x: x + 2, y: TOP - 4 });
  label.textContent = MARKED[moment.action];
  const title = shape("title", {});
  title.textContent = `${format.clock(moment.at_ms)} ${format.words(moment.action)} ${[moment.product, moment.text].filter(Boolean).join(": ")}`;
  line.append(title);
  return [line, label];
}

const total = (values) => values.reduce((sum, value) => sum + value, 0);
