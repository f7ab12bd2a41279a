/** An option that a message names: the API words it as `text`, the command line by its flag. */
export interface OptionMention {
  readonly option: string;
  /** What to set it to, if the message says so. */
  readonly value?: string | undefined;
  readonly text: string;
}

/** What a message says, with the options it names left for the reader's interface to word. Plain data. */
export type Message = readonly (string | OptionMention)[];

/** Names an option of the API, and what to set it to. */
export function option(name: string, value?: string): OptionMention {
  return { option: name, value, text: value === undefined ? `\`${name}\`` : `\`${name}: '${value}'\`` };
}

/** Names an argument, as `take(n)` or `shuffle({ seed })`; `name` is that of the option, if it is one. */
export function argument(call: string, name: string): OptionMention {
  return { option: name, text: call };
}

/** Makes a message of a template: texts, options, and other messages. */
export function say(
  texts: TemplateStringsArray,
  ...values: readonly (string | number | OptionMention | Message)[]
): Message {
  return texts.flatMap((text, index) => {
    const value = values[index] ?? "";
    return [text, ...(Array.isArray(value) ? (value as Message) : [typeof value === "number" ? `${value}` : value])];
  }) as Message;
}

/** The text of a message for users of the API, or as `word` names the options. */
export function textOf(
  message: string | Message,
  word: (mention: OptionMention) => string = ({ text }) => text,
): string {
  if (typeof message === "string") return message;
  return message.map((part) => (typeof part === "string" ? part : word(part))).join("");
}
