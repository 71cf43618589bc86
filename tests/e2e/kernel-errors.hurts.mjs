// The kernel fails: syncs, writes and opens answer with errors while the whole server, or an agent, is at work, and
// then the power goes. Nothing that was acknowledged may depend on what failed (goals ).
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import grpc from "@grpc/grpc-js";
import { EdgeOnDisk } from "./edge-on-disk.mjs";
import { CuttableDisk, KernelErrors } from "./faults.mjs";
import { sleep, until } from "./harness.mjs";
import { verifySound } from "./producers.mjs";
import { random, seed } from "./seeded.mjs";
import { ServerOnDisk } from "./server-on-disk.mjs";

const repeats = Number(process.env.FAULT_REPEATS ?? 1);
const skip = KernelErrors.whyNot() || CuttableDisk.whyNot("xfs");
const { UNAVAILABLE, RESOURCE_EXHAUSTED } = grpc.status;
const syncs = "fdatasync,fsync";

/** `from`: the first call of a thread that fails is drawn from 1 to this. */
const serverFaults = [
  { name: "a sync fails once", calls: syncs, what: (n) => `error=EIO:when=${n}`, from: 20 },
  { name: "syncs fail from some moment on", calls: syncs, what: (n) => `error=EIO:when=${n}+`, from: 20, lasts: true },
  { name: "a write fails once", calls: "pwrite64", what: (n) => `error=EIO:when=${n}`, from: 200 },
  { name: "writes fail from some moment on", calls: "pwrite64", what: (n) => `error=EIO:when=${n}+`, from: 200, lasts: true },
  { name: "the disk is full from some moment on", calls: "pwrite64", what: (n) => `error=ENOSPC:when=${n}+`, from: 200, lasts: true, code: RESOURCE_EXHAUSTED },
  { name: "the disk takes no byte from some moment on", calls: "pwrite64", what: (n) => `retval=0:when=${n}+`, from: 200, lasts: true, code: RESOURCE_EXHAUSTED },
  { name: "every third write is interrupted", calls: "pwrite64", what: (n) => `error=EINTR:when=${n}+3`, from: 20, harmless: true },
  { name: "files cannot be cut or made larger", calls: "ftruncate,fallocate", what: (n) => `error=ENOSPC:when=${n}+`, from: 1, mayMiss: true },
];

describe(`the kernel fails under the server (seed ${seed}, ${repeats} times each)`, { skip, timeout: 3_600_000 }, () => {
  const next = random();
  let server;
  let disk;
  let platform;
  let load;

  before(async () => {
    server = await ServerOnDisk.create("xfs", next);
    ({ disk, platform, load } = server);
  });
  after(() => server?.end());

  /** What is readable while the fault lasts is the truth or an error, never something else. */
  async function readersGoOn() {
    const [producer] = load.producers;
    const sent = new Map(producer.samples.slice(0, 6).flat());
    const got = await producer.read(producer.beganUs, producer.samples[5].at(-1)[0] + 1);
    for (const { at, value } of [...got.values()].flat()) {
      assert.ok(Object.is(sent.get(at), value), `a sample that was never sent: ${at} ${value}`);
    }
  }

  function hasReason(fault, problems) {
    const reasons = problems.filter(({ code }) => code !== -1 && code !== grpc.status.OK);
    for (const { code, message } of reasons) {
      assert.ok([UNAVAILABLE, RESOURCE_EXHAUSTED].includes(code), `code ${code}: ${message}`);
      assert.ok(message.length > 10, `no reason: ${message}`);
    }
    if (!fault.lasts) return;
    const expected = fault.code ?? UNAVAILABLE;
    assert.ok(reasons.some(({ code }) => code === expected), `no ${expected}: ${JSON.stringify(problems.slice(0, 3))}`);
    if (expected === RESOURCE_EXHAUSTED) {
      const [full] = reasons.filter(({ code }) => code === expected);
      assert.match(full.message, /disk is full/);
    }
  }

  /** The fault strikes the working server; answers what it was, while it lasts. */
  async function strike(fault) {
    load.takeProblems();
    const rule = fault.what(1 + Math.floor(next() * fault.from));
    const errors = await KernelErrors.attach(platform.program.pid, fault.calls, rule);
    const struck = until(`${rule} to strike`, () => errors.struck > 0, {
      timeoutMs: fault.mayMiss ? 2_000 : 20_000,
      everyMs: 10,
    });
    await struck.catch((error) => {
      if (!fault.mayMiss) throw error;
    });
    await sleep(300 + next() * 500);
    const { exitCode } = platform.program.process;
    assert.equal(exitCode, null, `${rule}: the server ended: ${platform.log.slice(-1500)}`);
    return errors;
  }

  async function expectTold(fault) {
    if (!fault.mayMiss) await readersGoOn();
    const problems = load.takeProblems();
    if (fault.harmless) assert.deepEqual(problems, []);
    hasReason(fault, problems);
  }

  async function withFault(fault, isCutDuringFault) {
    let errors;
    load.start();
    try {
      await load.untilStored("samples before the fault");
      errors = await strike(fault);
      await expectTold(fault);
      if (!isCutDuringFault) {
        await errors.detach();
        await load.untilStored("samples after the fault");
      }
    } finally {
      disk.cut();
      await platform.kill();
      await errors?.detach();
      await disk.revive();
      await platform.start();
      await load.stop();
    }
    await load.check();
    verifySound(platform);
  }

  for (const fault of serverFaults) {
    for (const isCut of [true, false]) {
      it(`${fault.name}${isCut ? ", and the power goes" : ", and recovers"}`, async () => {
        for (let i = 0; i < repeats; i++) await withFault(fault, isCut);
      });
    }
  }

  it("everything is there in the end", async (t) => {
    await load.check({ whole: true });
    t.diagnostic(`${load.samples} samples`);
  });
});

describe(`the kernel fails under an agent (seed ${seed}, ${repeats} times each)`, { skip, timeout: 3_600_000 }, () => {
  const next = random();
  let disk;
  let agent;

  before(async () => {
    disk = new CuttableDisk("xfs");
    agent = await EdgeOnDisk.create(disk.mount, next);
  });
  after(async () => {
    await agent?.end();
    disk?.remove();
  });

  it("a sync that fails ends it with the reason, and nothing that was sent is lost with the power", async () => {
    const { hub, edge } = agent;
    for (let i = 0; i < 6 * repeats; i++) {
      await agent.start();
      const { length: before } = agent.log;
      const rule = `error=EIO:when=${1 + Math.floor(next() * 30)}`;
      const errors = await KernelErrors.attach(edge.program.pid, syncs, rule);
      await until("the failure", () => errors.struck > 0, { everyMs: 2 });
      const ended = await Promise.race([edge.program.exited, sleep(1_000)]);
      assert.equal(ended?.code, 4, "it did not end within a second");
      assert.match(agent.log.slice(before), /not certain any more.*restart the agent/);
      await errors.detach();
      if (i % 2 === 0) {
        await agent.start(); // on what the medium still holds ...
        await edge.stop("SIGKILL");
      }
      disk.cut(); // ... or not
      await disk.revive();
      assert.deepEqual(hub.violations, []);
    }
    await agent.start();
    assert.deepEqual([hub.violations, hub.gaps], [[], []]);
    await edge.stop();
  });

  it("writes that fail are told, and readings wait in memory until they succeed", async () => {
    const { hub, edge } = agent;
    for (const what of ["error=ENOSPC:when=3+", "error=EIO:when=3+", "retval=0:when=3+", "error=EINTR:when=1+2"]) {
      await agent.start();
      const { length: before } = agent.log;
      const journal = join(edge.data, "journal");
      const active = readdirSync(journal).filter((name) => /^\d{12}-/.test(name)).sort().at(-1);
      const errors = await KernelErrors.attach(edge.program.pid, "write", what, join(journal, active));
      await until("the failure", () => errors.struck > 0, { everyMs: 2 });
      await sleep(500);
      agent.expectRunning();
      if (!what.includes("EINTR")) assert.match(agent.log.slice(before), /refuses records; they wait in memory/);
      await errors.detach();
      await agent.untilMore();
      disk.cut();
      await edge.stop("SIGKILL");
      await disk.revive();
      assert.deepEqual([hub.violations, hub.gaps], [[], []], what);
    }
  });
});
