const told = new Set<string>();

/** Warns by `process.emitWarning`, which users silence by the code. */
export function warn(code: string, message: string): void {
  process.emitWarning(message, { type: "HfStreamWarning", code });
}

/** Warns once per thread of what `key` names. */
export function warnOnce(code: string, message: string, key: string = message): void {
  if (told.has(`${code} ${key}`)) return;
  told.add(`${code} ${key}`);
  warn(code, message);
}
