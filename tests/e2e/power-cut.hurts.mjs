// The power of a real disk is cut at random moments under load, once with the server's data and once with an agent's
// journal on it. Everything that was acknowledged, answered or sent is there after the next start (goals ).
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { EdgeOnDisk } from "./edge-on-disk.mjs";
import { CuttableDisk } from "./faults.mjs";
import { millwright, sleep, tenant } from "./harness.mjs";
import { IngestClient } from "./ingest-client.mjs";
import { verifySound } from "./producers.mjs";
import { random, seed } from "./seeded.mjs";
import { ServerOnDisk } from "./server-on-disk.mjs";

const rounds = Number(process.env.CUT_ROUNDS ?? 8);
const edgeRounds = Number(process.env.EDGE_CUT_ROUNDS ?? rounds * 4);

for (const kind of ["xfs", "ext4"]) {
  const skip = CuttableDisk.whyNot(kind);

  describe(`the server's power is cut (${kind}, seed ${seed}, ${rounds} rounds)`, { skip, timeout: 3_600_000 }, () => {
    const next = random();
    let server;
    let disk;
    let platform;
    let load;

    before(async () => {
      server = await ServerOnDisk.create(kind, next);
      ({ disk, platform, load } = server);
    });
    after(() => server?.end());

    /** The cut, mostly under way, sometimes right after a process was killed; calls fail for a while before the end. */
    async function cut() {
      if (next() < 0.25) {
        await platform.kill();
        await platform.start();
        await sleep(next() * 60);
      }
      disk.cut();
      if (next() < 0.5) await sleep(next() * 300);
      await platform.kill();
      await disk.revive();
      if (next() < 0.3) verifySound(platform);
      await platform.start();
    }

    it("every acknowledged sample is there once, with the same bits, and verify finds nothing", async (t) => {
      for (let round = 0; round < rounds; round++) {
        load.start();
        await load.untilStored(`round ${round}`, 5);
        await sleep(next() * 900);
        await cut();
        await load.stop();
        await load.check();
        verifySound(platform);
      }
      await load.check({ whole: true });
      assert.equal(verifySound(platform), load.samples);
      t.diagnostic(`${rounds} cuts, ${load.samples} samples`);
    });

    it("so is what a command or the API has answered", async () => {
      for (let round = 0; round < Math.ceil(rounds / 4); round++) {
        const id = String(200_000 + round);
        const device = String(round + 100).padStart(6, "0");
        millwright("tenant", "create", id, "--data", platform.data);
        const secret = await platform.register(device, {}, round % 2 ? id : tenant);
        const engineer = await platform.login("engineer");
        disk.cut();
        await platform.kill();
        await disk.revive();
        await platform.start();
        assert.match(millwright("tenant", "list", "--data", platform.data), new RegExp(id));
        const client = new IngestClient(platform.hub);
        const answer = await client.token(round % 2 ? id : tenant, device, secret);
        client.close();
        assert.ok(answer.token, JSON.stringify(answer));
        const devices = await platform.call("GET", `/api/v1/tenants/${tenant}/retention`, undefined, engineer);
        assert.equal(devices.status, 200, "the session is gone");
      }
    });
  });

  describe(`an agent's power is cut (${kind}, seed ${seed}, ${edgeRounds} rounds)`, { skip, timeout: 3_600_000 }, () => {
    const next = random();
    let disk;
    let agent;

    before(async () => {
      disk = new CuttableDisk(kind);
      agent = await EdgeOnDisk.create(disk.mount, next);
    });
    after(async () => {
      await agent?.end();
      disk?.remove();
    });

    it("no record that was sent is lost, changed or renumbered, and the agent always starts", async (t) => {
      const { hub, edge } = agent;
      for (let round = 0; round < edgeRounds; round++) {
        await agent.start(1 + Math.floor(next() * 20));
        await sleep(next() * 100);
        if (next() < 0.25) {
          await edge.stop("SIGKILL");
          await agent.start(0);
        }
        disk.cut();
        if (next() < 0.5) await sleep(next() * 100);
        await edge.stop("SIGKILL");
        await disk.revive();
        assert.deepEqual(hub.violations, [], `round ${round}`);
      }
      await agent.start();
      assert.deepEqual([hub.violations, hub.gaps, hub.epochs.size], [[], [], 1]);
      t.diagnostic(`${edgeRounds} cuts, ${hub.records} records, ${hub.resent} sent again`);
    });
  });
}
