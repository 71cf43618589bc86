// How long samples are kept, and what happens when the disk is nearly full, as people see it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import grpc from "@grpc/grpc-js";
import { Edge, Platform, millwright, sleep, tenant, until } from "./harness.mjs";
import { IngestClient, Lineage, dictionary, scalars, waveform } from "./ingest-client.mjs";

const day = 86_400_000_000;
const nowUs = () => Date.now() * 1000;
const rules = `/api/v1/tenants/${tenant}/retention`;

/** Stored values of a metric, oldest first. */
async function stored(platform, metric, device = "000001") {
  const { numericScalar } = await platform.query(
    `query($b: NumericScalarInput!) { numericScalar(body: $b) { values { value } } }`,
    {
      b: {
        tenantIdentifier: tenant,
        deviceIdentifier: device,
        metricIdentifier: [metric],
        start: "2000-01-01",
        end: "2100-01-01",
      },
    },
  );
  return (numericScalar[0]?.values ?? []).map((v) => v.value).reverse();
}

/** Sends records and waits until they are stored. */
async function send(client, token, records) {
  const lineage = new Lineage().add(...records);
  const stream = client.stream(token);
  await stream.hello([lineage.offer()]);
  stream.send(lineage.batch());
  await stream.next("ack");
  await stream.finish();
}

describe("retention", () => {
  let platform;
  let client;
  let token;
  let admin;

  before(async () => {
    platform = (await Platform.create()).configure("retention_interval_s = 1\n");
    await platform.start();
    client = new IngestClient(platform.hub);
    token = (await client.token(tenant, "000001", await platform.register("000001"))).token;
    admin = await platform.login("administrator");
    await platform.register("000002");
  });
  after(async () => {
    client?.close();
    await platform?.end();
  });

  it("a rule removes what is older, the preview has said so, and the rest stays", async () => {
    // A machine that has run for long, one that stopped years ago, and a meter to be kept for ever.
    const old = (count) => Array.from({ length: count }, (_, i) => [nowUs() - 900 * day + i * 60_000_000, i]);
    const young = [1, 2].map((i) => [nowUs() - day + i, -i]);
    const both = ["temperature", "energy"].entries();
    for (const [i, metric] of both) {
      await send(client, token, [
        dictionary(i + 1, "000001", metric),
        scalars(i + 1, old(8_000).slice(0, 4_000)),
        scalars(i + 1, old(8_000).slice(4_000)),
        scalars(i + 1, young),
      ]);
    }
    await send(client, token, [dictionary(9, "000001", "stopped"), scalars(9, old(3))]);
    // What is stored in one piece with younger samples stays; most of 8,000 is not.
    const supposed = await until("stored pieces", async () => {
      const answer = await platform.call("GET", `${rules}/preview?keep=12%20months`, undefined, admin);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return answer.body.data.samples > 8_000 && answer.body;
    });
    assert.match(supposed.message, /^will delete [\d.]+ (bytes|kB), all before \d{4}-\d\d-\d\d$/);
    assert.ok(supposed.data.last < new Date(Date.now() - 365 * 86_400_000).toISOString());
    assert.equal((await stored(platform, "temperature")).length, 8_002, "a preview removes nothing");

    const kept = await platform.call("PUT", rules, { metric_identifier: "energy", keep: "forever" }, admin);
    assert.equal(kept.status, 200, JSON.stringify(kept.body));
    const set = await platform.call("PUT", rules, { keep: "12 months" }, admin);
    assert.equal(set.status, 200, JSON.stringify(set.body));
    assert.equal(set.body.data.rule.keep, "1 year");

    await until("the stopped machine's samples to go", async () => (await stored(platform, "stopped")).length === 0);
    await until("old samples to go", async () => (await stored(platform, "temperature")).length < 5_000);
    const left = await stored(platform, "temperature");
    assert.deepEqual(left.slice(-2), [-1, -2]);
    const end = old(8_000).slice(8_000 - (left.length - 2));
    assert.deepEqual(left.slice(0, -2), end.map(([, value]) => value), "only a beginning went");
    assert.equal((await stored(platform, "energy")).length, 8_002);
    await until("the counter", async () => {
      const metrics = await (await fetch(`${platform.api}/metrics`)).text();
      return Number(/^millwright_retention_removed_samples_total (.*)$/m.exec(metrics)[1]) >= 8_003 - left.length;
    });
  });

  it("what goes is gone after a restart, and new samples of the metric are taken", async () => {
    const left = await stored(platform, "temperature");
    await platform.stop();
    await platform.start();
    assert.deepEqual(await stored(platform, "stopped"), []);
    assert.ok((await stored(platform, "temperature")).length <= left.length);
    await send(client, token, [dictionary(9, "000001", "stopped"), scalars(9, [[nowUs(), 6]])]);
    assert.deepEqual(await stored(platform, "stopped"), [6]);
  });

  it("the command line works beside the running server", async () => {
    const run = (...args) => millwright("retention", ...args, "--tenant", tenant, "--data", platform.data);
    assert.match(run("list"), /^1 year\teverything$/m);
    assert.match(run("list"), /^forever\tmetric energy$/m);
    assert.match(run("list"), /^2 days\twaveforms \(the server's default\)$/m);
    assert.match(run("preview", "--metric", "energy", "--keep", "30d"), /^will delete .* \(\d{4} samples\)/);
    run("set", "--metric", "energy", "--device", "000001", "--keep", "30 days");
    await until("old samples to go", async () => (await stored(platform, "energy")).length < 5_000);
    run("remove", "--metric", "energy", "--device", "000001");
    assert.throws(() => run("remove", "--metric", "energy", "--device", "000001"), /no retention rule/);
    assert.throws(() => run("set", "--keep", "soon"), /'36 months'/);
    const listed = await platform.call("GET", rules, undefined, admin);
    assert.equal(listed.body.data.rules.length, 3);
  });

  it("old waveforms go by the server's default, young ones stay", async () => {
    const block = (startUs) => waveform(3, startUs, 1000, [0.5, 0.25, 0.125]);
    await send(client, token, [
      dictionary(3, "000001", "vibration.x", { type: 2 }),
      block(nowUs() - 3 * day),
      block(nowUs() - day),
    ]);
    await until("the old block to go", async () => (await stored(platform, "vibration.x")).length === 3);
  });

  it("a device's rules go with it, and roles are kept apart", async () => {
    const own = { device_identifier: "000002", keep: "1 day" };
    assert.equal((await platform.call("PUT", rules, own, admin)).status, 200);
    const removed = await platform.call("DELETE", `/api/v1/tenants/${tenant}/devices/000002`, undefined, admin);
    assert.equal(removed.status, 200);
    const listed = await platform.call("GET", rules, undefined, admin);
    assert.ok(listed.body.data.rules.every((rule) => rule.device_identifier === null));
    const engineer = await platform.login("engineer");
    const viewer = await platform.login("viewer");
    assert.equal((await platform.call("GET", rules, undefined, engineer)).status, 200);
    assert.equal((await platform.call("PUT", rules, { keep: "1 day" }, engineer)).status, 403);
    assert.equal((await platform.call("GET", rules, undefined, viewer)).status, 403);
    assert.equal((await platform.call("GET", rules)).status, 403, "the demo's visitors are viewers");
  });
});

const isRoot = process.getuid() === 0;

describe("a disk that is nearly full", { skip: isRoot ? false : "needs root to mount a small tmpfs" }, () => {
  let mount;
  let platform;
  let client;
  let secret;

  before(async () => {
    mount = mkdtempSync(join(tmpdir(), "millwright-disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=96m", "tmpfs", mount]);
    const usual = process.env.TMPDIR;
    process.env.TMPDIR = mount;
    try {
      platform = (await Platform.create()).configure("disk_floor_mib = 32\n");
    } finally {
      if (usual === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = usual;
    }
    await platform.start();
    client = new IngestClient(platform.hub);
    secret = await platform.register("000001");
  });
  after(async () => {
    client?.close();
    await platform?.end();
    execFileSync("umount", ["-l", mount]);
    rmSync(mount, { recursive: true, force: true });
  });

  const gauge = async (name) =>
    Number(new RegExp(`^${name} (.*)$`, "m").exec(await (await fetch(`${platform.api}/metrics`)).text())[1]);

  it("refuses samples, goes on reading and logging in, and takes samples again by itself", async () => {
    const { token } = await client.token(tenant, "000001", secret);
    const lineage = new Lineage().add(dictionary(1, "000001", "t"), scalars(1, [[nowUs(), 1]]));
    const stream = client.stream(token);
    await stream.hello([lineage.offer()]);
    stream.send(lineage.batch(1, 2));
    assert.equal((await stream.next("ack")).watermark, "2");
    assert.equal(await gauge("millwright_disk_ingestion_refused"), 0);

    const ballast = join(mount, "ballast");
    writeFileSync(ballast, Buffer.alloc(70 << 20));
    await until("the floor to be seen", async () => (await gauge("millwright_disk_ingestion_refused")) === 1);
    assert.ok((await gauge("millwright_disk_free_bytes")) < (32 << 20));
    lineage.add(scalars(1, [[nowUs(), 2]]));
    stream.send(lineage.batch(3, 3));
    const end = await stream.ended;
    assert.equal(end.code, grpc.status.RESOURCE_EXHAUSTED);
    assert.match(end.message, /disk is nearly full.*try again in 30 s/);
    const refused = client.stream(token);
    assert.equal((await refused.ended).code, grpc.status.RESOURCE_EXHAUSTED);

    assert.deepEqual(await stored(platform, "t"), [1]);
    const admin = await platform.login("administrator");
    assert.equal((await platform.call("PUT", rules, { keep: "1 year" }, admin)).status, 200);
    assert.ok((await fetch(`${platform.api}/readyz`)).ok);

    rmSync(ballast);
    await until("samples to be taken again", async () => (await gauge("millwright_disk_ingestion_refused")) === 0);
    const again = client.stream(token);
    const welcome = await again.hello([lineage.offer(2)]);
    assert.equal(welcome.epochs[0].watermark, "2");
    again.send(lineage.batch(3, 3));
    assert.equal((await again.next("ack")).watermark, "3");
    assert.deepEqual(await stored(platform, "t"), [1, 2]);
    await again.finish();
  });

  it("an agent keeps what is refused and loses nothing", async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "millwright-edge-"));
    const rows = 800;
    const recording = join(elsewhere, "rows.csv");
    const lines = Array.from({ length: rows }, (_, row) => `${(row * 0.01).toFixed(3)},${row}`);
    writeFileSync(recording, `timestamp,row\n${lines.join("\n")}\n`);
    const toml = `[device]
tenant = "${tenant}"
identifier = "000002"
timezone = "Europe/Zurich"

[hub]
address = "${platform.hub}"
api = "${platform.api}"
claim_file = "claim"
first_retry_ms = 50
longest_retry_ms = 500

[[replay]]
file = "${recording}"
path = "counter"
`;
    const arrived = () => stored(platform, "row", "000002");
    const edge = new Edge(Object.create(platform, { folder: { value: elsewhere } }), "000002", toml).start();
    try {
      await until("first samples", async () => (await arrived()).length > 50);
      const ballast = join(mount, "ballast");
      writeFileSync(ballast, Buffer.alloc(70 << 20));
      await until("the floor to be seen", async () => (await gauge("millwright_disk_ingestion_refused")) === 1);
      const atTheFloor = (await arrived()).length;
      await sleep(3_000); // 300 rows of the machine, of which none arrives but what was on its way
      assert.ok((await arrived()).length < Math.min(atTheFloor + 150, rows));
      rmSync(ballast);
      await until("all rows", async () => (await arrived()).length >= rows, { timeoutMs: 60_000 });
      assert.deepEqual(await arrived(), Array.from({ length: rows }, (_, row) => row));
    } finally {
      await edge.stop();
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
});
