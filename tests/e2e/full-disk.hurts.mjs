// A disk that is really full: a small tmpfs, and no floor below which the server would stop by itself. Writers are
// refused with the reason, readers go on, and what comes after is complete (goals ).
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import grpc from "@grpc/grpc-js";
import { EdgeOnDisk } from "./edge-on-disk.mjs";
import { SmallDisk } from "./faults.mjs";
import { Platform, sleep, until } from "./harness.mjs";
import { Load, verifySound } from "./producers.mjs";
import { random, seed } from "./seeded.mjs";

const skip = SmallDisk.whyNot();
const rounds = Number(process.env.FULL_ROUNDS ?? 4);

describe(`the server's disk is full (seed ${seed}, ${rounds} rounds)`, { skip, timeout: 3_600_000 }, () => {
  const next = random();
  let disk;
  let platform;
  let load;

  before(async () => {
    disk = new SmallDisk(192);
    platform = await Platform.create({ data: join(disk.mount, "data") });
    await platform.configure("disk_floor_mib = 0\n").start();
    load = new Load(platform, next);
    await load.register();
  });
  after(async () => {
    await load?.stop().catch(() => {});
    await platform?.end();
    disk?.remove();
  });

  async function untilRefused() {
    await until("a refusal with the reason", () =>
      load.takeProblems().some(
        ({ code, message }) => code === grpc.status.RESOURCE_EXHAUSTED && /disk is full/.test(message),
      ),
    );
  }

  async function readersGoOn() {
    const [producer] = load.producers;
    const got = await producer.read(producer.beganUs, producer.beganUs + 20_000_000);
    assert.ok(got.get("raw").length > 500, "readers go on");
  }

  it("writers are refused with the reason, readers go on, writers go on when there is space", async () => {
    for (let round = 0; round < rounds; round++) {
      load.start();
      await load.untilStored("samples");
      disk.fill(Math.floor(next() * (4 << 20)));
      await untilRefused();
      assert.ok((await fetch(`${platform.api}/healthz`)).ok);
      await readersGoOn();
      if (round % 2 === 0) {
        disk.clear();
        await load.untilStored("samples without a restart");
        await load.stop();
      } else {
        await platform.kill();
        disk.clear();
        await platform.start();
        await load.untilStored("samples after a restart");
        await load.stop();
      }
      await load.check();
      verifySound(platform);
    }
    await load.check({ whole: true });
  });

  it("a start on the full disk serves readers or ends with the reason, and starts when there is space", async () => {
    await platform.kill();
    disk.fill();
    const { length: before } = platform.log;
    platform.launch();
    const ended = await Promise.race([platform.program.exited, sleep(3_000)]);
    if (ended) {
      assert.notEqual(ended.code, null, "it was not killed by a signal");
      assert.match(platform.log.slice(before), /disk is full; free some space/);
    } else {
      assert.ok((await fetch(`${platform.api}/readyz`)).ok);
      await readersGoOn();
      await platform.kill();
    }
    disk.clear();
    await platform.start();
    load.start();
    await load.untilStored("samples");
    await load.stop();
    await load.check({ whole: true });
    verifySound(platform);
  });
});

describe(`an agent's disk is full (seed ${seed})`, { skip, timeout: 600_000 }, () => {
  let disk;
  let agent;

  before(async () => {
    disk = new SmallDisk(64);
    agent = await EdgeOnDisk.create(disk.mount, random());
  });
  after(async () => {
    await agent?.end();
    disk?.remove();
  });

  it("it says so, keeps readings in memory and goes on by itself, with nothing lost or changed", async () => {
    const { hub, edge } = agent;
    await agent.start();
    for (let round = 0; round < 3; round++) {
      const { length: before } = agent.log;
      disk.fill();
      await until("the refusal to be told", () => /refuses records; they wait in memory.*No space left/.test(agent.log.slice(before)));
      await sleep(500);
      agent.expectRunning();
      disk.clear();
      await agent.untilMore(40);
      assert.deepEqual([hub.violations, hub.gaps], [[], []]);
    }
    await edge.stop("SIGKILL");
    disk.fill();
    edge.start();
    await sleep(1_000);
    disk.clear();
    if (edge.program.process.exitCode === null) {
      await agent.untilMore();
    } else {
      assert.equal(edge.program.process.exitCode, 3, "a data folder that is full");
      await agent.start();
    }
    assert.deepEqual([hub.violations, hub.gaps], [[], []]);
  });
});
