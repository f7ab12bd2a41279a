import { HfStreamError } from "../../errors.ts";
import { type Feature, type Features, isStructFeature } from "../../resolve/features/features.ts";
import type { RowColumn } from "../arrow/row-decoder.ts";
import type { AnyRow, Step } from "./steps.ts";

/** The pixels of an image, row by row, upright as its EXIF orientation says. */
export interface DecodedImage {
  /** `width × height × channels` bytes. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 1 to 4: grey, grey and alpha, RGB, RGBA. */
  readonly channels: number;
}

type DecodeImage = (bytes: Uint8Array) => Promise<DecodedImage>;

/** Images decoded at the same time: sharp works in libuv's threads, of which there are four by default. */
const CONCURRENCY = 4;

/** Makes the step that turns `{ bytes, path }` of Image columns into pixels. Throws `INVALID_OPTION` without `sharp`. */
export async function createMediaStep(features: Features, columns: readonly RowColumn[]): Promise<Step> {
  const decodeImage = await loadDecoder();
  const images = columns.flatMap(({ name, source }) => {
    const feature = features[source];
    return feature !== undefined && hasImage(feature) ? [{ name, feature }] : [];
  });
  const fn = async (row: AnyRow): Promise<AnyRow> => {
    const decoded = images.map(
      async ({ name, feature }) => [name, await decodeValue(row[name], feature, decodeImage)] as const,
    );
    return Object.fromEntries(await Promise.all(decoded));
  };
  return { kind: "map", fn: (row) => fn(row), options: { concurrency: CONCURRENCY } };
}

async function loadDecoder(): Promise<DecodeImage> {
  const { default: sharp } = await import(
    /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ "sharp"
  ).catch((cause: unknown) => {
    throw new HfStreamError("INVALID_OPTION", "`decodeMedia` needs the package `sharp`: npm install sharp.", { cause });
  });
  return async (bytes) => {
    const { data, info } = await sharp(bytes).rotate().raw().toBuffer({ resolveWithObject: true });
    return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), ...pick(info) };
  };
}

function pick({ width, height, channels }: Omit<DecodedImage, "data">): Omit<DecodedImage, "data"> {
  return { width, height, channels };
}

function hasImage(feature: Feature): boolean {
  if (isStructFeature(feature)) return Object.values(feature).some(hasImage);
  return feature._type === "Image" || ("feature" in feature && hasImage(feature.feature));
}

/** Decodes the images within a value; those without bytes of their own stay as they are. */
async function decodeValue(value: unknown, feature: Feature, decodeImage: DecodeImage): Promise<unknown> {
  if (value === null || value === undefined || !hasImage(feature)) return value;
  if (isStructFeature(feature)) {
    const members = Object.entries(value).map(async ([name, item]: [string, unknown]) => {
      const child = feature[name];
      return [name, child === undefined ? item : await decodeValue(item, child, decodeImage)] as const;
    });
    return Object.fromEntries(await Promise.all(members));
  }
  if ("feature" in feature) {
    const items = value as readonly unknown[];
    return await Promise.all(items.map((item) => decodeValue(item, feature.feature, decodeImage)));
  }
  const { bytes } = value as { readonly bytes?: unknown };
  if (!(bytes instanceof Uint8Array)) return value;
  try {
    return await decodeImage(bytes);
  } catch (cause) {
    throw new HfStreamError("CORRUPT_FILE", `An image cannot be decoded: ${(cause as Error).message}`, { cause });
  }
}
