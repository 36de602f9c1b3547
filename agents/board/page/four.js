// The four V of a market: a word, a score, and what it rests on. A colour only where it is sure.

import { element } from "./elements.js";
import * as format from "./format.js";

const WEAK = 50;

export function fourRow(four) {
  return four.map((v) => {
    const group = document.createElement("div");
    group.dataset.level = levelOf(v.score);
    group.title = [v.asks, ...v.because].join("\n");
    group.append(
      element("dt", v.title),
      element("dd", v.score === null ? "–" : format.count(v.score.at)),
      meter(v.score),
      element("dd", v.score === null ? "too little evidence" : rangeOf(v.score), "unseen"),
    );
    return group;
  });
}

// Weak is what lies below the middle with its whole interval.
function levelOf(score) {
  if (score === null) return "unknown";
  return score.high < WEAK ? "weak" : score.at < WEAK ? "watch" : "good";
}

const rangeOf = (score) => `of 100, ${format.count(score.low)} to ${format.count(score.high)}`;

function meter(score) {
  const track = element("dd", "", "meter");
  track.setAttribute("aria-hidden", "true");
  if (score !== null) {
    const band = element("i", "");
    band.style.left = `${score.low}%`;
    band.style.width = `${Math.max(score.high - score.low, 2)}%`;
    track.append(band);
  }
  return track;
}
