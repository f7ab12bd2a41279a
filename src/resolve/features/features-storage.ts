import { type Feature, isStructFeature, type ValueFeature } from "./features.ts";

const value = (dtype: string): ValueFeature => ({ dtype, _type: "Value" });
const listOf = (feature: Feature): Feature => ({ feature, _type: "List" });

/**
 * Says how a feature is stored, as a feature made of nothing but values, lists and structs (`Features.type` of Python
 * `datasets`): a class label is an int64, an image a struct of bytes and path, an array nested lists.
 */
export function storageFeature(feature: Feature): Feature {
  if (isStructFeature(feature)) {
    return Object.fromEntries(Object.entries(feature).map(([name, field]) => [name, storageFeature(field)]));
  }
  switch (feature._type) {
    case "Value":
      return feature;
    case "ClassLabel":
      return value("int64");
    case "Json":
      return value("string");
    case "List":
    case "LargeList":
      return { ...feature, feature: storageFeature(feature.feature) };
    case "Array2D":
    case "Array3D":
    case "Array4D":
    case "Array5D":
      return feature.shape.reduce<Feature>((item) => listOf(item), value(feature.dtype));
    case "Translation":
      return Object.fromEntries([...feature.languages].sort().map((language) => [language, value("string")]));
    case "TranslationVariableLanguages":
      return { language: listOf(value("string")), translation: listOf(value("string")) };
    default:
      return { bytes: value("binary"), path: value("string") };
  }
}
