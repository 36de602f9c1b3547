// Numbers to words, in the reader's own language. No element is touched here.

const locale = navigator.language;
const regions = new Intl.DisplayNames(locale, { type: "region" });
const languages = new Intl.DisplayNames(locale, { type: "language" });
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
const oneDigit = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const NOTHING = "–";

export const count = (n) => (n >= 100_000 ? compact : whole).format(n);
export const rate = (n) => (n === null ? NOTHING : n < 10 ? oneDigit.format(n) : count(n));
export const percent = (share) => (share === null ? NOTHING : `${whole.format(share * 100)} %`);
export const words = (label) => label.replaceAll("_", " ");

export function marketName(market) {
  if (market === "unknown") return "Market unknown";
  if (market === "other") return "Other markets";
  return regions.of(market) ?? market;
}

export function languageName(language) {
  return language === "und" ? "language unknown" : languages.of(language) ?? language;
}

// `digits` says how many digits of each currency are minor; Intl knows only what shops print.
export function money(minorByCurrency, digits) {
  const sums = Object.entries(minorByCurrency).filter(([, minor]) => minor !== 0);
  if (sums.length === 0) return NOTHING;
  return sums.map(([currency, minor]) => amount(currency, minor / 10 ** digits[currency])).join(" + ");
}

function amount(currency, major) {
  const options = Math.abs(major) >= 100_000
    ? { notation: "compact", maximumFractionDigits: 1 }
    : { maximumFractionDigits: 0 };
  return new Intl.NumberFormat(locale, { style: "currency", currency, ...options }).format(major);
}

export function duration(seconds) {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${count(Math.round(seconds / 86_400))} d`;
}

export function timeOfDay(ms) {
  return new Date(ms).toLocaleString(locale, {
    month: "short", day: "numeric", hour: "2-digit", minute: "2-digit",
  });
}

export function clock(ms) {
  return new Date(ms).toLocaleTimeString(locale, {
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
}

export function evidenceAddress(stream, market, asked = {}) {
  return `/evidence?${new URLSearchParams({ stream, market, ...asked })}`;
}
