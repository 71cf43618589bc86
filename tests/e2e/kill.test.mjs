// SIGKILL, deleted folders: nothing acknowledged is lost, nothing is stored twice, nothing loops.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { edgeToml, events, values, writeRecording } from "./counting.mjs";
import { Edge, Platform, millwright, sleep, tenant, until } from "./harness.mjs";
import { random, seed } from "./seeded.mjs";

const rounds = Number(process.env.KILL_ROUNDS ?? 10);

describe(`killing the server (seed ${seed}, ${rounds} rounds)`, { timeout: 1_200_000 }, () => {
  let platform;
  const edges = [];
  const rows = 300 + rounds * 160;

  before(async () => {
    platform = await (await Platform.create()).start();
  });
  after(async () => {
    for (const edge of edges) await edge.stop();
    await platform?.end();
  });

  it("loses no sample and stores none twice", async () => {
    const next = random();
    for (const device of ["000011", "000012"]) {
      const recording = join(platform.folder, `${device}.csv`);
      writeRecording(recording, rows, 0.01);
      edges.push(new Edge(platform, device, edgeToml(platform, device, recording)).start());
    }
    await until("first samples", async () => (await values(platform, "000011", "counter.a")).length > 0);
    for (let round = 0; round < rounds; round++) {
      await sleep(200 + next() * 1200);
      await platform.kill();
      if (next() < 0.5) await sleep(next() * 500);
      await platform.start();
    }
    for (const device of ["000011", "000012"]) {
      for (const [metric, sign] of [["counter.a", 1], ["counter.b", -1]]) {
        await until(
          `all rows of ${device} ${metric}`,
          async () => (await values(platform, device, metric)).length >= rows,
          { timeoutMs: 60_000, everyMs: 500 },
        );
        const got = await values(platform, device, metric);
        assert.equal(got.length, rows);
        got.forEach((value, row) => assert.equal(value, 0 + sign * row, `${device} ${metric} row ${row}`));
      }
      assert.ok(!(await events(platform, device)).some((e) => /gap|replaced/.test(e.kind)));
    }
  });
});

describe("deleted folders", { timeout: 300_000 }, () => {
  let platform;
  let edge;
  const device = "000021";

  before(async () => {
    platform = await (await Platform.create()).start();
    const recording = join(platform.folder, "long.csv");
    writeRecording(recording, 60_000, 0.01);
    edge = new Edge(platform, device, edgeToml(platform, device, recording)).start();
    await until("first samples", async () => (await values(platform, device, "counter.a")).length > 50);
  });
  after(async () => {
    await edge?.stop();
    await platform?.end();
  });

  const keepsRunning = async () => {
    const before = (await values(platform, device, "counter.a")).at(-1) ?? -1;
    await until(
      "new samples after the loss",
      async () => (await values(platform, device, "counter.a")).at(-1) > before,
    );
  };

  it("a deleted journal ends in a declared gap and a running stream", async () => {
    await edge.stop("SIGKILL");
    rmSync(join(edge.folder, "data", "journal"), { recursive: true, force: true });
    edge.start();
    await until("the gap", async () =>
      (await events(platform, device)).some((e) => e.kind === "journal_replaced"),
    );
    await keepsRunning();
  });

  it("a deleted server folder ends in a running stream and a gap for what is gone", async () => {
    const before = await values(platform, device, "counter.a");
    await platform.kill();
    rmSync(platform.data, { recursive: true, force: true });
    millwright("tenant", "create", tenant, "--data", platform.data);
    await platform.start();
    edge.writeClaim(); // its secret is as unknown to the new server as it is itself
    await until("new samples", async () => (await values(platform, device, "counter.a")).length > 0, {
      timeoutMs: 60_000,
    });
    await keepsRunning();
    const after = await values(platform, device, "counter.a");
    const declared = (await events(platform, device)).some((e) => e.kind === "gap");
    assert.ok(declared || after[0] <= before[0], "what did not come again must be declared");
  });
});
