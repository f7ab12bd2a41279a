import { type Feature, isStructFeature } from "../../resolve/features/features.ts";

/** A feature in a few words: `int64`, `Image`, `List(string)`, `{user: string, assistant: string}`. */
export function describeFeature(feature: Feature): string {
  if (isStructFeature(feature)) {
    const members = Object.entries(feature).map(([name, child]) => `${name}: ${describeFeature(child)}`);
    return `{${members.join(", ")}}`;
  }
  const { _type: type } = feature;
  if ("feature" in feature) return `${type}(${describeFeature(feature.feature)})`;
  if (type === "Value") return feature.dtype;
  if (type === "ClassLabel")
    return `ClassLabel(${feature.names.slice(0, 5).join(", ")}${feature.names.length > 5 ? ", …" : ""})`;
  return "dtype" in feature ? `${type}(${feature.dtype})` : type;
}
