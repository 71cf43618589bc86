// live.sample_to_browser_p99_ms, rss.server_mib, rss.edge_mib: the demo factory, watched by a real browser.
//
// A sample carries the agent's own time; the page notes its clock when the message arrives. Both
// clocks are this machine's, so the difference is the whole path: connector, journal, hub, store,
// bus, WebSocket, browser.
import { spawn, execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openBrowser } from "../tests/e2e/browser.mjs";
import { freePort, root, sleep, temporaryFolder, tenant, until } from "../tests/e2e/harness.mjs";

const seconds = Number(process.env.BENCH_SECONDS ?? 60);
const folder = temporaryFolder();
const port = await freePort();
const args = ["--no-build", "--port", port, "--grpc-port", await freePort(), "--data", join(folder, "var")];
const demo = spawn(join(root, "start"), args, { cwd: root, detached: true, stdio: ["ignore", "pipe", "inherit"] });
let output = "";
demo.stdout.on("data", (data) => (output += data));
const api = `http://127.0.0.1:${port}`;

const print = (name, value, unit) => console.log(`${name}\t${Number(value.toPrecision(4))}\t${unit}`);
const residentMib = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;

try {
  await until("the demo", () => output.includes(api), { timeoutMs: 120_000 });
  const browser = await openBrowser();
  const page = await (await browser.newContext()).newPage();
  await page.goto(api);
  await sleep(3000);
  // Listens in the page itself, as the app does, and keeps each sample's delay.
  const delays = await page.evaluate(
    ([tenantIdentifier, wait]) =>
      new Promise((resolve, reject) => {
        const found = [];
        const socket = new WebSocket(`ws://${location.host}/graphql`, "graphql-transport-ws");
        socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init" }));
        socket.onerror = () => reject(new Error("socket"));
        socket.onmessage = ({ data }) => {
          const arrived = Date.now();
          const message = JSON.parse(data);
          if (message.type === "connection_ack") {
            const query = `subscription { samples(tenantIdentifier: "${tenantIdentifier}", deviceIdentifier: "000001", path: "ambient") { series { t } } }`;
            socket.send(JSON.stringify({ type: "subscribe", id: "1", payload: { query } }));
            setTimeout(() => resolve(found), wait);
          } else if (message.type === "next") {
            for (const series of message.payload.data.samples.series) {
              for (const t of series.t) found.push(arrived - t / 1000);
            }
          } else if (message.type === "error") {
            reject(new Error(data));
          }
        };
      }),
    [tenant, seconds * 1000],
  );
  await browser.close();
  delays.sort((a, b) => a - b);
  if (delays.length < 10) throw new Error(`only ${delays.length} samples arrived`);
  const at = (q) => delays[Math.min(delays.length - 1, Math.floor(q * delays.length))];
  print("live.sample_to_browser_p50_ms", at(0.5), "ms");
  print("live.sample_to_browser_p99_ms", at(0.99), "ms");
  const pids = (name) =>
    execFileSync("pgrep", ["-g", String(demo.pid), "-x", name], { encoding: "utf8" }).trim().split("\n").map(Number);
  print("rss.server_mib", Math.max(...pids("millwright").map(residentMib)), "MiB");
  print("rss.edge_mib", Math.max(...pids("millwright-edge").map(residentMib)), "MiB");
} finally {
  if (demo.exitCode === null) process.kill(-demo.pid, "SIGINT");
  await new Promise((resolve) => (demo.exitCode === null ? demo.once("exit", resolve) : resolve()));
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
}
