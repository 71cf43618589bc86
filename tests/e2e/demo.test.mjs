// What a new user sees: ./start, the address in a browser, home view and device view, Ctrl-C.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openBrowser, openPage } from "./browser.mjs";
import { freePort, root, temporaryFolder, tenant, until } from "./harness.mjs";

const out = join(root, "tests/e2e/out");

/** ./start with its own ports and folder. */
class Demo {
  async start(folder) {
    this.folder = folder;
    this.port ??= await freePort();
    this.grpcPort ??= await freePort();
    this.api = `http://127.0.0.1:${this.port}`;
    this.output = "";
    this.process = spawn(
      join(root, "start"),
      ["--no-build", "--port", this.port, "--grpc-port", this.grpcPort, "--data", folder],
      { cwd: root, detached: true },
    );
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.on("data", (data) => (this.output += data));
    }
    this.exited = new Promise((resolve) => this.process.once("exit", (code) => resolve(code)));
    await until(`the demo's address; it said: ${this.output}`, () => this.output.includes(this.api), {
      timeoutMs: 60_000,
    });
    return this;
  }

  /** As Ctrl-C does: to the whole group. */
  async stop() {
    process.kill(-this.process.pid, "SIGINT");
    return this.exited;
  }

  async query(query) {
    const response = await fetch(`${this.api}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query }),
    });
    const { data, errors } = await response.json();
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data;
  }
}

describe("the demo factory in a browser", { timeout: 400_000 }, () => {
  const folder = temporaryFolder();
  const demo = new Demo();
  let browser;

  before(async () => {
    mkdirSync(out, { recursive: true });
    const started = Date.now();
    await demo.start(join(folder, "var"));
    assert.ok(Date.now() - started < 60_000, "within 60 s of the build's end");
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    if (demo.process?.exitCode === null) await demo.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("shows four devices with no form to fill in", async () => {
    await until("four devices", async () => {
      const { devices } = await demo.query(
        `{ devices(body: { tenantIdentifier: "${tenant}" }) { deviceIdentifier status } }`,
      );
      return devices.filter((d) => d.status === "ONLINE").length === 4;
    }, { timeoutMs: 60_000 });
    const page = await openPage(browser);
    await page.goto(demo.api);
    for (const device of ["000001", "000002", "000003", "000004"]) {
      await page.getByText(device).first().waitFor();
    }
    await page.screenshot({ path: join(out, "home.png") });
    await page.getByRole("searchbox").or(page.getByRole("textbox")).first().fill("000003");
    await until("the search", async () => (await page.getByText("000001").count()) === 0);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  it("draws live charts of the conveyor with the model's verdict", async () => {
    await until("a verdict for each motor", async () => {
      const { predictions } = await demo.query(
        `{ predictions(tenantIdentifier: "${tenant}", deviceIdentifier: "000001") { path predicted probability } }`,
      );
      return predictions.length >= 6;
    }, { timeoutMs: 120_000, everyMs: 500 });
    const page = await openPage(browser);
    await page.goto(`${demo.api}/devices/000001`);
    await page.getByRole("region", { name: /motor1/ }).first().waitFor();
    await page.locator("canvas").first().waitFor();
    await page.screenshot({ path: join(out, "conveyor.png"), fullPage: true });
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  it("brings new samples to the page while one watches", async () => {
    const page = await openPage(browser);
    const messages = [];
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => {
        const message = JSON.parse(payload);
        if (message.type === "next") messages.push(message);
      }),
    );
    await page.goto(`${demo.api}/devices/000002`);
    await page.locator("canvas").first().waitFor();
    await until("live messages", () => messages.length >= 3);
    await page.screenshot({ path: join(out, "furnace.png") });
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  it("shows a remaining useful life that shrinks", async () => {
    const life = async () => {
      const { predictions } = await demo.query(
        `{ predictions(tenantIdentifier: "${tenant}", deviceIdentifier: "000003") { kind state value lower upper unit } }`,
      );
      return predictions.find((p) => p.kind === "REMAINING_USEFUL_LIFE");
    };
    const early = await until("a first life", life, { timeoutMs: 60_000 });
    if (early.state === "MORE_THAN") assert.ok(early.value === null && early.lower > 0);
    const valued = async () => {
      const now = await life();
      return now?.state === "VALUE" && now;
    };
    const first = await until("wear that can be seen", valued, { timeoutMs: 180_000, everyMs: 500 });
    assert.ok(first.lower <= first.value && first.value <= first.upper, JSON.stringify(first));
    await until("a shorter life", async () => (await valued())?.value < first.value - 5, {
      timeoutMs: 120_000,
      everyMs: 500,
    });
    const page = await openPage(browser);
    await page.goto(`${demo.api}/devices/000003`);
    await page.locator("canvas").first().waitFor();
    await page.getByText(/remaining useful life/i).first().waitFor();
    await page.screenshot({ path: join(out, "turbofan.png") });
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  it("stops cleanly on Ctrl-C and finds its data again", async () => {
    const query = `{ metrics(tenantIdentifier: "${tenant}", deviceIdentifier: "000002") { metricIdentifier latestTimestamp } }`;
    const before = (await demo.query(query)).metrics[0].latestTimestamp;
    await demo.stop();
    const left = processesOf(demo.process.pid);
    assert.deepEqual(left, [], "nothing is left running");
    await assert.rejects(fetch(`${demo.api}/healthz`));
    await demo.start(join(folder, "var"));
    const after = (await demo.query(query)).metrics[0].latestTimestamp;
    assert.ok(after >= before, `${after} >= ${before}`);
  });
});

/** Processes of a group that still run. */
function processesOf(group) {
  const lines = execFileSync("ps", ["-eo", "pgid=,pid=,args="], { encoding: "utf8" }).split("\n");
  return lines.filter(
    (line) => line.trim().split(/\s+/)[0] === String(group) && !line.includes("<defunct>"),
  );
}
