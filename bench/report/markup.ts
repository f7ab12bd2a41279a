/** Attributes of an element; those that are `undefined` are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Markup that needs no more escaping. */
export interface Markup {
  readonly markup: string;
}

/** An element of HTML or SVG. Strings among the children are text. */
export function element(name: string, attributes: Attributes, ...children: readonly (Markup | string)[]): Markup {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeMarkup(typeof value === "number" ? decimals(value) : (value ?? ""))}"`);
  const inner = children.map((child) => (typeof child === "string" ? escapeMarkup(child) : child.markup));
  return { markup: `<${name}${written.join("")}>${inner.join("")}</${name}>` };
}

/** A drawing of a size. */
export function svg(width: number, height: number, children: readonly Markup[]): Markup {
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  return element("svg", { xmlns: "http://www.w3.org/2000/svg", role: "img", ...size }, ...children);
}

function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function decimals(value: number): string {
  return `${Math.round(value * 100) / 100}`;
}
