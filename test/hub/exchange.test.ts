import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";
import { expect, test } from "vitest";
import { Attempt } from "../../src/hub/attempt.ts";
import { type BodySink, exchange } from "../../src/hub/exchange.ts";

const BODY = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) >> 4));

function attemptWith(signal?: AbortSignal): Attempt {
  return new Attempt({ number: 1, leftMs: 60_000, signal });
}

/** Serves one answer, and gives it to `use` as an agent of ours asks for it. */
async function served(
  answer: RequestListener,
  use: (ask: (sink?: BodySink, signal?: AbortSignal) => ReturnType<typeof exchange>) => Promise<void>,
): Promise<void> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const agent = new Agent({ connections: 2 });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await use((sink, signal) =>
      exchange(agent, { origin, path: "/", method: "GET" }, { sink, attempt: attemptWith(signal), releases: true }),
    );
  } finally {
    await agent.destroy();
    server.closeAllConnections();
    server.close();
  }
}

function collector(): BodySink & { readonly bytes: Uint8Array; readonly length: number } {
  const bytes = new Uint8Array(BODY.length);
  let length = 0;
  return {
    bytes,
    get length() {
      return length;
    },
    begin() {},
    push(chunk) {
      bytes.set(chunk, length);
      length += chunk.length;
    },
  };
}

test.each([
  ["of a known length", { "content-length": String(BODY.length) }],
  ["in chunks", {}],
  ["on a connection that is then closed", { "content-length": String(BODY.length), connection: "close" }],
])("A body %s comes to its sink whole, several at the same time and one after the other", async (_, headers) => {
  const answer: RequestListener = (_request, response) => {
    response.writeHead(206, headers);
    for (let at = 0; at < BODY.length; at += 70_001) response.write(BODY.subarray(at, at + 70_001));
    response.end();
  };
  await served(answer, async (ask) => {
    for (let round = 0; round < 3; round += 1) {
      const sinks = Array.from({ length: 4 }, collector);
      const answers = await Promise.all(sinks.map((sink) => ask(sink)));
      for (const { status, body } of answers) expect([status, body.length]).toEqual([206, 0]);
      for (const { bytes, length } of sinks) expect([length, BODY.equals(bytes)]).toEqual([BODY.length, true]);
    }
  });
});

test("What is no success is collected, and never given to a sink", async () => {
  await served(
    (_request, response) => void response.writeHead(404).end("no such file"),
    async (ask) => {
      const sink = collector();
      const { status, body } = await ask(sink);
      expect([status, new TextDecoder().decode(body), sink.length]).toEqual([404, "no such file", 0]);
    },
  );
});

test("Of what no sink takes the beginning is kept, however long it is", async () => {
  const endless: RequestListener = (_request, response) => {
    response.writeHead(500);
    const more = (): void => void response.write(BODY, more);
    response.on("error", () => {});
    more();
  };
  await served(endless, async (ask) => {
    const { status, body } = await ask(collector());
    expect([status, body.length]).toEqual([500, 64 * 1024]);
  });
});

test("What a sink throws at the head or at a piece is the error, and the connection can be used again", async () => {
  await served(
    (_request, response) => void response.writeHead(200, { "content-length": BODY.length }).end(BODY),
    async (ask) => {
      const refused = (part: "begin" | "push"): BodySink => ({
        ...collector(),
        push() {},
        [part]() {
          throw new RangeError(`refused at ${part}`);
        },
      });
      await expect(ask(refused("begin"))).rejects.toThrow(new RangeError("refused at begin"));
      await expect(ask(refused("push"))).rejects.toThrow(new RangeError("refused at push"));
      const sink = collector();
      await ask(sink);
      expect(BODY.equals(sink.bytes)).toBe(true);
    },
  );
});

test("An abort rejects with its own reason, before the request, before the answer, and within the body", async () => {
  const hanging: RequestListener = (_request, response) => {
    response.writeHead(200, { "content-length": BODY.length });
    response.write(BODY.subarray(0, 100_000));
  };
  await served(hanging, async (ask) => {
    const reason = new Error("enough");
    await expect(ask(collector(), AbortSignal.abort(reason))).rejects.toBe(reason);
    const soon = new AbortController();
    const asked = ask(collector(), soon.signal);
    soon.abort(reason);
    await expect(asked).rejects.toBe(reason);
    const late = new AbortController();
    const sink: BodySink = { begin() {}, push: () => late.abort(reason) };
    await expect(ask(sink, late.signal)).rejects.toBe(reason);
  });
});

test("A body that breaks off, and a server that is not there, are errors", async () => {
  const cut: RequestListener = (_request, response) => {
    response.writeHead(200, { "content-length": BODY.length });
    response.write(BODY.subarray(0, 100_000), () => response.destroy());
  };
  await served(cut, async (ask) => {
    await expect(ask(collector())).rejects.toThrow(Error);
  });
  const nowhere = { origin: "http://127.0.0.1:1", path: "/", method: "GET" } as const;
  await expect(exchange(new Agent(), nowhere, { attempt: attemptWith() })).rejects.toThrow(/ECONNREFUSED/);
});
