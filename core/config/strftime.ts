const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/**
 * A local time as Python's `strftime` writes it in the C locale. Directives it does not know stay as they are.
 *
 * @example
 * ```ts
 * import { strftime } from "./strftime.ts";
 * console.assert(strftime("%Y-%m-%d_%H-%M-%S", new Date(2026, 0, 31, 15, 52, 37)) === "2026-01-31_15-52-37");
 * ```
 */
export function strftime(pattern: string, time: Date): string {
  return pattern.replace(
    /%([a-zA-Z%])/g,
    (whole, directive: string) => DIRECTIVES[directive]?.(time) ?? whole,
  );
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}

function dayOfYear(time: Date): number {
  const start = Date.UTC(time.getFullYear(), 0, 1);
  return (Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) - start) / 86_400_000 + 1;
}

/** Week of the year when weeks begin on `firstDay`; days before the first such day are in week 0. */
function week(time: Date, firstDay: number): number {
  return Math.floor((dayOfYear(time) + 6 - ((time.getDay() - firstDay + 7) % 7)) / 7);
}

/** Year and week by ISO 8601: the week that holds Thursday decides. */
function isoWeek(time: Date): [number, number] {
  const thursday = new Date(time.getFullYear(), time.getMonth(), time.getDate() + 4 - (time.getDay() || 7));
  return [thursday.getFullYear(), Math.floor((dayOfYear(thursday) - 1) / 7) + 1];
}

function offset(time: Date): string {
  const minutes = -time.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}${pad(size % 60)}`;
}

const DIRECTIVES: Readonly<Record<string, (time: Date) => string>> = {
  a: (t) => DAYS[t.getDay()]!.slice(0, 3),
  A: (t) => DAYS[t.getDay()]!,
  b: (t) => MONTHS[t.getMonth()]!.slice(0, 3),
  B: (t) => MONTHS[t.getMonth()]!,
  c: (t) => strftime("%a %b %e %H:%M:%S %Y", t),
  C: (t) => pad(Math.floor(t.getFullYear() / 100)),
  d: (t) => pad(t.getDate()),
  D: (t) => strftime("%m/%d/%y", t),
  e: (t) => String(t.getDate()).padStart(2, " "),
  f: (t) => pad(t.getMilliseconds() * 1000, 6),
  F: (t) => strftime("%Y-%m-%d", t),
  g: (t) => pad(isoWeek(t)[0] % 100),
  G: (t) => String(isoWeek(t)[0]),
  h: (t) => MONTHS[t.getMonth()]!.slice(0, 3),
  H: (t) => pad(t.getHours()),
  I: (t) => pad(t.getHours() % 12 || 12),
  j: (t) => pad(dayOfYear(t), 3),
  m: (t) => pad(t.getMonth() + 1),
  M: (t) => pad(t.getMinutes()),
  n: () => "\n",
  p: (t) => t.getHours() < 12 ? "AM" : "PM",
  r: (t) => strftime("%I:%M:%S %p", t),
  R: (t) => strftime("%H:%M", t),
  s: (t) => String(Math.floor(t.getTime() / 1000)),
  S: (t) => pad(t.getSeconds()),
  t: () => "\t",
  T: (t) => strftime("%H:%M:%S", t),
  u: (t) => String(t.getDay() || 7),
  U: (t) => pad(week(t, 0)),
  V: (t) => pad(isoWeek(t)[1]),
  w: (t) => String(t.getDay()),
  W: (t) => pad(week(t, 1)),
  x: (t) => strftime("%m/%d/%y", t),
  X: (t) => strftime("%H:%M:%S", t),
  y: (t) => pad(t.getFullYear() % 100),
  Y: (t) => String(t.getFullYear()),
  // A date without a zone has neither in Python; here both are the local zone's.
  z: offset,
  Z: (t) =>
    new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(t).find((part) =>
      part.type === "timeZoneName"
    )?.value ?? "",
  "%": () => "%",
};
