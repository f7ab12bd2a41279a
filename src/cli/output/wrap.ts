import wrapAnsi from "wrap-ansi";

/** Where nothing tells how wide a line may be. */
export const DEFAULT_WIDTH = 80;

/** Wraps text at words. Lines that are indented keep their place. */
export function wrap(text: string, width: number = DEFAULT_WIDTH): string {
  const lines = text.split("\n").map((line) => wrapAnsi(line, Math.max(20, width), { trim: !line.startsWith(" ") }));
  return lines.join("\n");
}
