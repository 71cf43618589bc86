// The platform on PostgreSQL: the same as on the embedded store, and two hubs on one database.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { edgeToml, events, values, writeRecording } from "./counting.mjs";
import { Edge, Platform, Program, freePort, millwright, tenant, until } from "./harness.mjs";
import { PostgresCluster, noPostgres } from "./postgres-cluster.mjs";

// A tenant's database is named by the tenant: the tests share it, each with a device of its own.
const [first, second, third, fourth] = ["000001", "000002", "000003", "000004"];

const upTo = (rows) => Array.from({ length: rows }, (_, row) => row);

/** One address for several hubs: connections go to the one that is chosen. */
class Switch {
  static async open() {
    const self = new Switch();
    self.sockets = new Set();
    self.server = createServer((client) => {
      const hub = connect(self.port, "127.0.0.1");
      for (const socket of [client, hub]) {
        self.sockets.add(socket);
        socket.on("error", () => socket.destroy());
        socket.on("close", () => {
          client.destroy();
          hub.destroy();
        });
      }
      client.pipe(hub).pipe(client);
    });
    await new Promise((resolve) => self.server.listen(0, "127.0.0.1", resolve));
    self.address = `127.0.0.1:${self.server.address().port}`;
    return self;
  }

  to(port) {
    this.port = port;
    for (const socket of this.sockets) socket.destroy();
  }

  close() {
    this.to(0);
    this.server.close();
  }
}

describe("PostgreSQL", { skip: noPostgres, timeout: 240_000 }, () => {
  let cluster;
  const running = []; // what a failed test leaves behind would keep this file from ending
  before(async () => {
    cluster = await PostgresCluster.start();
  });
  after(async () => {
    for (const stop of running.reverse()) await stop();
    cluster.stop();
  });

  it("keeps everything over a kill of the server", async () => {
    const platform = await (await Platform.create({ store: cluster.url("one") })).start();
    running.push(() => platform.end());
    const ready = await platform.call("GET", "/readyz");
    assert.match(ready.body.store, /^PostgreSQL 1[0-9]/);
    const recording = join(platform.folder, "counts.csv");
    writeRecording(recording, 60, 0.1);
    const edge = new Edge(platform, first, edgeToml(platform, first, recording)).start();
    running.push(() => edge.stop());
    await until("some samples", async () => (await values(platform, first)).length > 5);
    await platform.kill();
    await platform.start();
    await until("all samples", async () => (await values(platform, first)).length >= 60);
    assert.deepEqual((await values(platform, first)).slice(0, 60), upTo(60));
    const retention = (...args) =>
      millwright("retention", ...args, "--tenant", tenant, ...platform.store);
    retention("set", "--keep", "36 months");
    assert.match(retention("list"), /^3 years\teverything$/m);
    assert.match(retention("preview"), /nothing|will delete/);
    while (running.length) await running.pop()();
  });

  it("loses and doubles nothing when one of two hubs is killed", async () => {
    const store = cluster.url("two");
    const platform = await Platform.create({
      store,
      tenants: ["200000", tenant],
      legacy: false,
      args: ["--target", "devices,analytics,web"],
    });
    await platform.start();
    const front = await Switch.open();
    running.push(() => platform.end(), () => front.close());
    const hubs = [];
    for (const name of ["a", "b"]) {
      const [http, grpc] = [await freePort(), await freePort()];
      const args = ["--data", platform.data, "--store", store, "--target", "hub"];
      const program = new Program(
        "millwright",
        ["serve", ...args, "--http", `127.0.0.1:${http}`, "--grpc", `127.0.0.1:${grpc}`],
        join(platform.folder, `hub-${name}.log`),
      );
      await until(`hub ${name}`, async () => (await fetch(`http://127.0.0.1:${http}/readyz`)).ok);
      hubs.push({ program, grpc });
      running.push(() => program.stop());
    }
    front.to(hubs[0].grpc);
    const recording = join(platform.folder, "counts.csv");
    writeRecording(recording, 120, 0.1);
    const edge = new Edge(platform, second, edgeToml(platform, second, recording, front.address)).start();
    running.push(() => edge.stop());
    await until("some samples", async () => (await values(platform, second)).length > 20);

    // A hub that lives and holds the tenant is not pushed aside by the other one.
    front.to(hubs[1].grpc);
    await until("the first hub's lease, told by the second", async () =>
      /is written by/.test(readFileSync(hubs[1].program.log, "utf8")),
    );
    front.to(hubs[0].grpc);
    const before = (await values(platform, second)).length;
    await until("more samples", async () => (await values(platform, second)).length > before);

    await hubs[0].program.stop("SIGKILL");
    front.to(hubs[1].grpc);
    await until("all samples", async () => (await values(platform, second)).length >= 120, {
      timeoutMs: 60_000,
    });
    assert.deepEqual((await values(platform, second)).slice(0, 120), upTo(120));
    while (running.length) await running.pop()();
  });

  it("gets back from the agent what a backup lacks that is restored under it", async () => {
    const platform = await (await Platform.create({ store: cluster.url("four") })).start();
    running.push(() => platform.end());
    const recording = join(platform.folder, "counts.csv");
    writeRecording(recording, 150, 0.1);
    const edge = new Edge(platform, fourth, edgeToml(platform, fourth, recording)).start();
    running.push(() => edge.stop());
    await until("some samples", async () => (await values(platform, fourth)).length > 20);
    cluster.dump(`tenant_${tenant}`);
    const inBackup = (await values(platform, fourth)).length;
    await until("more samples", async () => (await values(platform, fourth)).length > inBackup + 30);
    cluster.restore(`tenant_${tenant}`);
    await until("all samples", async () => (await values(platform, fourth)).length >= 150, {
      timeoutMs: 60_000,
    });
    assert.deepEqual((await values(platform, fourth)).slice(0, 150), upTo(150));
    const told = await events(platform, fourth);
    assert.match(told.find((event) => event.kind === "restored").message, /lacks \d+ records? of this/);
    assert.deepEqual(told.filter((event) => event.kind === "gap"), []);
    while (running.length) await running.pop()();
  });

  it("moves a tenant to another server while a hub and an agent run", async () => {
    const other = await PostgresCluster.start();
    running.push(() => other.stop());
    const store = cluster.url("three");
    const platform = await (await Platform.create({ store })).start();
    running.push(() => platform.end());
    const recording = join(platform.folder, "counts.csv");
    writeRecording(recording, 120, 0.1);
    const edge = new Edge(platform, third, edgeToml(platform, third, recording)).start();
    running.push(() => edge.stop());
    await until("some samples", async () => (await values(platform, third)).length > 20);

    const move = (to, ...args) =>
      millwright("tenant", "move", ...platform.store, "--tenant", tenant, "--to", to, ...args);
    assert.throws(() => move("postgres://postgres@127.0.0.1:1"), /127\.0\.0\.1:1/);
    assert.throws(() => move(cluster.url("")), /already/);
    assert.throws(
      () => millwright("tenant", "move", "--tenant", tenant, "--to", other.url("")),
      /only tenants in PostgreSQL/,
    );
    const said = move(other.url(""));
    assert.match(said, new RegExp(`has moved from .*:${cluster.port} to .*:${other.port}`));
    assert.match(said, /DROP DATABASE "tenant_100000"/);
    const count = (server) =>
      server.integer(`tenant_${tenant}`, "SELECT count(*) FROM numeric_scalar_values");
    const left = count(cluster);

    // The server was not restarted: the agent's samples go on at the new place.
    await until("all samples", async () => (await values(platform, third)).length >= 120, {
      timeoutMs: 60_000,
    });
    assert.deepEqual((await values(platform, third)).slice(0, 120), upTo(120));
    assert.equal(count(cluster), left);
    assert.ok(count(other) > left);
    while (running.length) await running.pop()();
  });
});
