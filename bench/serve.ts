// A Hub over a folder, in a process of its own: prints its address, and ends when its input does.
import { startHubServer } from "../src/serve/index.ts";

const server = await startHubServer({ root: process.argv[2] ?? "." });
process.stdout.write(`${server.url}\n`);
process.stdin.resume().on("end", () => void server.close());
