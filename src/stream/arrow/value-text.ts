import { TimeUnit } from "apache-arrow";

const DAY_MS = 86_400_000;
const DAY_SECONDS = 86_400n;

/** Digits of a fraction of a second, by unit. */
const FRACTION_DIGITS: Readonly<Record<TimeUnit, number>> = {
  [TimeUnit.SECOND]: 0,
  [TimeUnit.MILLISECOND]: 3,
  [TimeUnit.MICROSECOND]: 6,
  [TimeUnit.NANOSECOND]: 9,
};

/** How many of a unit make a second. */
export function perSecond(unit: TimeUnit): bigint {
  return 10n ** BigInt(FRACTION_DIGITS[unit]);
}

/** Divides and rounds down, also below 0. */
export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/** `2024-01-31` for a number of days since 1970; `undefined` for a year that no `Date` holds. */
export function dayText(days: number): string | undefined {
  const date = new Date(days * DAY_MS);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().split("T")[0];
}

/** `12:30:00.000`, with all digits of the unit. */
export function timeText(value: bigint, unit: TimeUnit): string {
  const per = perSecond(unit);
  const seconds = value / per;
  const parts = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map((part) => `${part}`.padStart(2, "0"));
  const digits = FRACTION_DIGITS[unit];
  return parts.join(":") + (digits === 0 ? "" : `.${`${value % per}`.padStart(digits, "0")}`);
}

/** Day and time of an instant, with all digits of its unit; `undefined` for a year that no `Date` holds. */
export function instantText(value: bigint, unit: TimeUnit, separator: " " | "T"): string | undefined {
  const ofDay = DAY_SECONDS * perSecond(unit);
  const days = floorDivide(value, ofDay);
  const day = dayText(Number(days));
  return day === undefined ? undefined : `${day}${separator}${timeText(value - days * ofDay, unit)}`;
}

/** Reads `2024-01-31` as days since 1970. */
export function parseDay(text: string): number | undefined {
  const match = /^(\d{4}|[+-]\d{6})-\d\d-\d\d$/.exec(text);
  const ms = match === null ? NaN : Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) || dayText(ms / DAY_MS) !== text ? undefined : ms / DAY_MS;
}

const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/;

/** Reads `12:30`, `12:30:00` or `12:30:00.5` in a unit; `undefined` if it has more digits than the unit. */
export function parseTime(text: string, unit: TimeUnit): bigint | undefined {
  const [match, hours = "", minutes = "", seconds = "0", fraction = ""] = TIME.exec(text) ?? [];
  if (match === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const digits = FRACTION_DIGITS[unit];
  const kept = fraction.padEnd(9, "0");
  if (!/^0*$/.test(kept.slice(digits))) return undefined;
  const whole = BigInt(Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
  return whole * perSecond(unit) + BigInt(kept.slice(0, digits) || "0");
}

const INSTANT = /^([^ T]+)(?:[ T]([\d:.]+))?(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** Reads an ISO 8601 instant in a unit. One with an offset is of a column with a zone, and the other way round. */
export function parseInstant(text: string, unit: TimeUnit, isZoned: boolean): bigint | undefined {
  const [, day = "", time = "00:00", offset] = INSTANT.exec(text) ?? [];
  const days = parseDay(day);
  const ofDay = parseTime(/^\d\d$/.test(time) ? `${time}:00` : time, unit);
  if (days === undefined || ofDay === undefined || (offset !== undefined) !== isZoned) return undefined;
  const [, sign, hours = "0", minutes = "0"] = /^([+-])(\d\d):?(\d\d)?$/.exec(offset ?? "") ?? [];
  const shift = BigInt((Number(hours) * 60 + Number(minutes)) * 60 * (sign === "-" ? -1 : 1));
  return (BigInt(days) * DAY_SECONDS - shift) * perSecond(unit) + ofDay;
}

/** A float in the shortest form that reads back as it, spelled as pyarrow does. */
export function floatText(value: number, isSingle: boolean): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0";
  const shortest = isSingle ? shortestSingle(value) : value;
  const size = Math.abs(shortest);
  const isScientific = size !== 0 && (size >= 1e10 || size < 1e-6);
  return isScientific ? shortest.toExponential() : `${shortest}`;
}

/** The double with the fewest digits that a single-precision float is the nearest one to. */
function shortestSingle(value: number): number {
  for (let digits = 1; digits < 9; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}

/** A decimal number's digits as an integer, and how many of them follow the point. */
export function parseDecimal(text: string): { readonly unscaled: bigint; readonly scale: number } | undefined {
  const [match, sign, whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i.exec(text) ?? [];
  if (match === undefined || whole + fraction === "") return undefined;
  const unscaled = BigInt(whole + fraction);
  return { unscaled: sign === "-" ? -unscaled : unscaled, scale: fraction.length - Number(exponent) };
}

/** Writes an unscaled integer with its decimal point, every digit kept. */
export function formatDecimal(unscaled: bigint, scale: number): string {
  if (scale <= 0) return `${unscaled * 10n ** BigInt(-scale)}`;
  const digits = `${unscaled < 0n ? -unscaled : unscaled}`.padStart(scale + 1, "0");
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
