import { element, type Markup } from "./markup.ts";
import { STYLE } from "./style.ts";

/** A page that needs nothing but itself. */
export function renderPage(title: string, lines: readonly string[], body: readonly Markup[]): string {
  const head = element(
    "head",
    {},
    { markup: '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">' },
    element("title", {}, title),
    element("style", {}, { markup: STYLE }),
  );
  const content = element(
    "body",
    {},
    element("h1", {}, title),
    ...lines.map((line) => element("p", {}, line)),
    ...body,
  );
  return `<!doctype html>\n<html lang="en">${head.markup}${content.markup}</html>\n`;
}

/** Text as it stands in a terminal, folded away. */
export function foldedText(title: string, text: string): Markup {
  return element("details", {}, element("summary", {}, title), element("pre", {}, text));
}
