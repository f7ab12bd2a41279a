import type { DataType, Field } from "apache-arrow";
import { arrowTypeOf } from "../../../resolve/features/arrow-type.ts";
import { type Feature, isStructFeature } from "../../../resolve/features/features.ts";

/** The form in which a column is given: its type, and what makes it more than that. */
export interface ColumnForm {
  readonly type: DataType;
  /** Whether texts hold JSON, to be given as what they say. */
  readonly isJson: boolean;
  /** The names of a class label. */
  readonly labels?: readonly string[] | undefined;
  /** Of the type's children, in their order. */
  readonly children: readonly ColumnForm[];
}

/** The form of a declared column. */
export function declaredForm(feature: Feature): ColumnForm {
  return formOf(arrowTypeOf(feature), feature);
}

/** The form of a column as a file has it; `feature` is what the file says of it. */
export function formOf(type: DataType, feature?: Feature): ColumnForm {
  const typed = feature === undefined || isStructFeature(feature) ? undefined : feature;
  const children = ((type.children as readonly Field[] | null | undefined) ?? []).map((child) =>
    formOf(child.type as DataType, childFeature(feature, child.name)),
  );
  const labels = typed?._type === "ClassLabel" ? typed.names : undefined;
  return { type, isJson: typed?._type === "Json", labels, children };
}

function childFeature(feature: Feature | undefined, name: string): Feature | undefined {
  if (feature === undefined) return undefined;
  if (isStructFeature(feature)) return feature[name];
  return "feature" in feature ? feature.feature : undefined;
}
