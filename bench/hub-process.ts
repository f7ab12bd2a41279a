// A Hub over a folder, in a process of its own: prints its address, and ends when its input does. Its argument is the
// options of the server as JSON. What it was asked stands at `/_log`.
import { type HubServerOptions, startHubServer } from "../src/serve/index.ts";

const server = await startHubServer(JSON.parse(process.argv[2] ?? "{}") as HubServerOptions);
process.stdout.write(`${server.url}\n`);
process.stdin.resume().on("end", () => void server.close());
