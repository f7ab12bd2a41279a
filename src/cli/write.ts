import { once } from "node:events";

/** Writes to a stream, and waits until it takes more. */
export async function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, "drain");
}
