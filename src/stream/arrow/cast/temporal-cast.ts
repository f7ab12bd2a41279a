import { DataType, DateUnit, TimeUnit, Type } from "apache-arrow";
import { dayText, instantText, parseDay, parseInstant, parseTime, perSecond, timeText } from "../value-text.ts";
import type { LeafCast } from "./leaf-values.ts";

/** A type of instants, times of day or spans of time. */
type Temporal = DataType & { readonly unit: TimeUnit; readonly bitWidth?: number };

const DAY_SECONDS = 86_400n;

/** Whether values are instants, times of day or spans of time. */
export function isTemporal(type: DataType): boolean {
  return DataType.isTimestamp(type) || DataType.isDate(type) || DataType.isTime(type) || DataType.isDuration(type);
}

/** Writes values as pyarrow does: `2024-01-31 12:30:00.000Z`, `2024-01-31`, `12:30:00`, a span as its number. */
export function temporalText(from: DataType): LeafCast {
  const { unit } = from as Temporal;
  if (DataType.isTime(from)) return (value) => timeText(value as bigint, unit);
  if (DataType.isDuration(from)) return String;
  if (DataType.isDate(from)) return (value) => dayText(Number((value as bigint) / unitsPerDay(from)));
  const zone = isZoned(from) ? "Z" : "";
  return (value) => {
    const text = instantText(value as bigint, unit, " ");
    return text === undefined ? undefined : text + zone;
  };
}

/** Casts to a type of instants, times or spans: from other units if nothing is lost, from raw integers, from texts. */
export function toTemporal(from: DataType, to: DataType): LeafCast | undefined {
  const exact = temporalCast(from, to);
  const bits = DataType.isDate(to) ? (to.unit === DateUnit.DAY ? 32 : 64) : ((to as Temporal).bitWidth ?? 64);
  return exact === undefined
    ? undefined
    : (value) => {
        const made = exact(value);
        return typeof made === "bigint" && BigInt.asIntN(bits, made) === made ? made : undefined;
      };
}

function temporalCast(from: DataType, to: DataType): LeafCast | undefined {
  if (DataType.isInt(from)) return (value) => value;
  if (DataType.isUtf8(from)) return textParser(to);
  const isInstant = (type: DataType): boolean => DataType.isTimestamp(type) || DataType.isDate(type);
  if (isInstant(from) && DataType.isDate(to)) {
    const inDays = scaleBy(1n, unitsPerDay(from));
    return (value) => {
      const days = inDays(value);
      return days === undefined ? undefined : (days as bigint) * unitsPerDay(to);
    };
  }
  if (isInstant(from) && isInstant(to)) return scaleBy(unitsPerDay(to), unitsPerDay(from));
  if (from.typeId !== to.typeId || isInstant(from)) return undefined;
  return scaleBy(perSecond((to as Temporal).unit), perSecond((from as Temporal).unit));
}

function textParser(to: DataType): LeafCast | undefined {
  const { unit } = to as Temporal;
  switch (to.typeId) {
    case Type.Timestamp:
      return (value) => parseInstant(value as string, unit, isZoned(to));
    case Type.Time:
      return (value) => parseTime(value as string, unit);
    case Type.Date:
      return (value) => {
        const days = parseDay(value as string);
        return days === undefined ? undefined : BigInt(days) * unitsPerDay(to);
      };
    default:
      return undefined;
  }
}

function scaleBy(to: bigint, from: bigint): LeafCast {
  if (to >= from) return (value) => (value as bigint) * (to / from);
  const by = from / to;
  return (value) => ((value as bigint) % by === 0n ? (value as bigint) / by : undefined);
}

/** How many of a type of instants make a day. */
function unitsPerDay(type: DataType): bigint {
  if (DataType.isDate(type)) return type.unit === DateUnit.DAY ? 1n : DAY_SECONDS * 1000n;
  return DAY_SECONDS * perSecond((type as Temporal).unit);
}

function isZoned(type: DataType): boolean {
  return (type as DataType & { readonly timezone?: string | null }).timezone != null;
}
