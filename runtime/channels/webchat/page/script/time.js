// Times and days as the reader's own language writes them.

const HOUR = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "long" });
const DAY_AND_YEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const SHORT = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "numeric" });
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** Days since 1970 where the reader is; equal for what happened on one day. */
export function dayOf(at) {
  const date = new Date(at);
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}

/** `14:05`. */
export function clock(at) {
  return HOUR.format(at);
}

/** Everything there is to say about a moment. */
export function whole(at) {
  return WHOLE.format(at);
}

/** What stands between two days: `Today`, `Yesterday`, `Monday`, a date. */
export function dayName(at, now = Date.now()) {
  const ago = dayOf(now) - dayOf(at);
  if (ago === 0 || ago === 1) return capital(RELATIVE.format(-ago, "day"));
  if (ago > 1 && ago < 7) return capital(WEEKDAY.format(at));
  const thisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (thisYear ? DAY : DAY_AND_YEAR).format(at);
}

/** As short as a list wants it: a time today, else a date. */
export function brief(at, now = Date.now()) {
  return dayOf(at) === dayOf(now) ? clock(at) : SHORT.format(at);
}

function capital(text) {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
