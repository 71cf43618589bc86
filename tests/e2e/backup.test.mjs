// Backup beside a running server, and restore under an edge agent that is ahead of it.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { edgeToml, events, values, writeRecording } from "./counting.mjs";
import { Edge, Platform, millwright, tenant, until } from "./harness.mjs";

const device = "000001";

describe("backup and restore", { timeout: 180_000 }, () => {
  let platform, edge, backup;
  const command = (name, ...args) =>
    millwright(name, "--tenant", tenant, "--data", platform.data, ...args);

  before(async () => {
    platform = await (await Platform.create()).start();
    backup = join(platform.folder, "backup");
    const recording = join(platform.folder, "counts.csv");
    writeRecording(recording, 300, 0.05);
    edge = new Edge(platform, device, edgeToml(platform, device, recording)).start();
    await until("some samples", async () => (await values(platform, device)).length > 40);
  });
  after(async () => {
    await edge?.stop();
    await platform?.end();
  });

  it("copies a tenant while it is written, and says what it holds", async () => {
    const before = (await values(platform, device)).length;
    assert.match(command("backup", "--to", backup), /1 devices, 2 metrics, \d+ samples, from .* to /);
    const manifest = JSON.parse(readFileSync(join(backup, "manifest.json"), "utf8"));
    assert.ok(manifest.samples >= 2 * before, `${manifest.samples} of ${2 * before}`);
    assert.deepEqual(manifest.damages, []);
    assert.throws(() => command("backup", "--to", backup), /is not empty/);
    assert.throws(() => command("restore", "--from", backup, "--replace"), /is in use by process/);
  });

  it("comes back; the agent sends again what only the lost state had", async () => {
    const inBackup = JSON.parse(readFileSync(join(backup, "manifest.json"), "utf8")).samples / 2;
    await until("more samples", async () => (await values(platform, device)).length > inBackup + 40);
    await platform.kill();
    assert.throws(() => command("restore", "--from", backup), /--replace/);
    assert.match(command("restore", "--from", backup, "--replace"), /is restored/);
    await platform.start();
    await until("the last row", async () => (await values(platform, device)).at(-1) === 299, {
      timeoutMs: 60_000,
    });
    const got = await values(platform, device);
    const other = await values(platform, device, "counter.b");
    assert.deepEqual(other, got.map((value) => 0 - value));
    assert.ok(got.every((value, i) => i === 0 || value > got[i - 1]), "nothing twice");
    for (let row = 0; row < Math.floor(inBackup) - 1; row++) assert.equal(got[row], row);
    assert.equal(got.length, 300, "nothing is missing");
    const told = await events(platform, device);
    assert.deepEqual(told.filter((event) => event.kind === "gap"), []);
    assert.match(told.find((event) => event.kind === "restored").message, /lacks \d+ records? of this/);
  });

  it("refuses a damaged backup and changes nothing", async () => {
    await edge.stop();
    await platform.kill();
    const rows = join(backup, "samples.db");
    const bytes = readFileSync(rows);
    bytes[bytes.length - 100] ^= 1;
    writeFileSync(rows, bytes);
    assert.throws(() => command("restore", "--from", backup, "--replace"), /samples\.db/);
    assert.ok(existsSync(join(platform.data, "tenants", tenant, "samples.db")));
    await platform.start();
    assert.equal((await values(platform, device)).at(-1), 299);
  });
});
