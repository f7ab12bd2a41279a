const [module, seed] = process.argv.slice(2);
const HANG_MS = 5000;
const { runCase } = await import(module);

const rss = () => process.memoryUsage().rss;

async function run(index) {
  let timer;
  const hung = new Promise((resolve) => {
    timer = setTimeout(resolve, HANG_MS, { outcome: "hangs" });
  });
  const result = await Promise.race([runCase(Number(seed), index).then((outcome) => ({ outcome }), failed), hung]);
  clearTimeout(timer);
  process.send({ index, ...result, rss: rss() });
}

function failed(error) {
  return { outcome: "uncoded", error: error instanceof Error ? error.stack : String(error) };
}

process.on("message", ({ index, end }) => {
  if (end) process.exit(0);
  void run(index);
});
setInterval(() => process.send({ alive: true, rss: rss() }), 500);
process.send({ ready: true, rss: rss() });
