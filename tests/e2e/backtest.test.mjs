// A back-test on what a server has stored: by the API while it runs, by the command when it has stopped.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Platform, millwright, root, tenant } from "./harness.mjs";
import { IngestClient, Lineage, dictionary, scalars } from "./ingest-client.mjs";
import { PostgresCluster, noPostgres } from "./postgres-cluster.mjs";

const device = "000001";
const minute = 60_000_000;
const day = 1440 * minute;
const days = 20;
const bin = join(root, process.env.MILLWRIGHT_BUILD ?? "build/release", "bin/millwright");

/** Uniform in [0, 1), the same in each run (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The first sample: `days` ago, at a whole minute. */
const first = Math.floor(Date.now() / 60_000) * minute - days * day;
/** The bearing runs hot from day 15 on; a person saw it 10 hours later. */
const hotFrom = first + 15 * day;
const seen = hotFrom + 10 * 60 * minute;

/** Sends the samples, labels the hot bearing; answers the technician's session. */
async function fill(platform) {
  const secret = await platform.register(device);
  const next = random(1);
  let wander = 0;
  const samples = Array.from({ length: days * 1440 }, (_, i) => {
    wander = 0.7 * wander + (next() - 0.5) / 4;
    const at = first + i * minute;
    const isHot = at >= hotFrom && at < hotFrom + 2 * day;
    const isOpenDoor = at >= first + 8 * day && at < first + 8 * day + 180 * minute;
    return [at, 40 + wander + (isHot ? 9 : 0) - (isOpenDoor ? 7 : 0)];
  });
  const lineage = new Lineage().add(dictionary(1, device, "temperature", { path: "press.bearing", unit: "°C" }));
  for (let i = 0; i < samples.length; i += 4000) lineage.add(scalars(1, samples.slice(i, i + 4000)));
  const client = new IngestClient(platform.hub);
  const stream = client.stream((await client.token(tenant, device, secret)).token);
  await stream.hello([lineage.offer()]);
  stream.send(lineage.batch());
  await stream.next("ack");
  await stream.finish();
  client.close();
  const technician = await platform.login("technician");
  const input = {
    tenantIdentifier: tenant,
    deviceIdentifier: device,
    path: "press.bearing",
    class: "bearing_worn",
    start: new Date(seen / 1000).toISOString(),
    end: new Date((hotFrom + 2 * day) / 1000).toISOString(),
  };
  const mutation = "mutation ($input: LabelInput!) { createLabel(input: $input) { id } }";
  await platform.query(mutation, { input }, technician);
  return technician;
}

describe("a back-test", () => {
  let platform;
  let technician;

  before(async () => {
    platform = await (await Platform.create()).start();
    technician = await fill(platform);
  });
  after(() => platform?.end());

  const ask = (body, headers = technician) =>
    platform.query(
      `query ($body: BackTestInput!) { backTest(body: $body) {
        samples alarmCount falseAlarms falseAlarmsAWeek events found missed
        classes { class found medianLeadSeconds } eventList { alarms leadSeconds label { class } }
        alarms { raised verdict kind reason } } }`,
      { body: { tenantIdentifier: tenant, deviceIdentifier: device, ...body } },
      headers,
    );
  const anomalies = async () =>
    (
      await platform.query(
        `{ anomalies(tenantIdentifier: "${tenant}", deviceIdentifier: "${device}", start: "2020-01-01",
           end: "2100-01-01", limit: 1000) { id kind start end reason } }`,
      )
    ).anomalies;
  const command = (...args) =>
    JSON.parse(millwright("backtest", "--tenant", tenant, "--data", platform.data, "--json", ...args));

  it("finds the worn bearing hours before it was seen, and the open door as a false alarm", async () => {
    const before = await anomalies();
    const { backTest } = await ask({ detector: "SERIES" });
    assert.equal(backTest.samples, days * 1440);
    assert.equal(backTest.found, 1);
    const [worn] = backTest.classes;
    assert.equal(worn.class, "bearing_worn");
    assert.ok(worn.medianLeadSeconds > 9.5 * 3600 && worn.medianLeadSeconds <= 10 * 3600, worn.medianLeadSeconds);
    const atTheDoor = backTest.alarms.filter((alarm) => {
      const at = Date.parse(alarm.raised) * 1000 - first - 8 * day;
      return at >= 0 && at < 180 * minute;
    });
    assert.ok(atTheDoor.length > 0);
    assert.ok(atTheDoor.every((alarm) => alarm.verdict === "FALSE"));
    assert.deepEqual(await anomalies(), before, "nothing is written");
  });

  it("tries a rule before it is set", async () => {
    const { backTest } = await ask({ rule: { above: 45, forSeconds: 600 } });
    assert.equal(backTest.alarmCount, 1);
    assert.equal(backTest.falseAlarms, 0);
    assert.equal(backTest.eventList[0].leadSeconds, 10 * 3600 - 600);
  });

  it("is for technicians, and refuses what makes no sense", async () => {
    await assert.rejects(ask({}, await platform.login("viewer")), /permission_denied/);
    await assert.rejects(ask({ rule: {} }), /either `above` or `below`/);
    await assert.rejects(ask({ metricIdentifier: "pressure" }), /not_found/);
  });

  it("is refused by the command while the server has the folder, which says what to do", () => {
    const answer = spawnSync(bin, ["backtest", "--tenant", tenant, "--data", platform.data], { encoding: "utf8" });
    assert.equal(answer.status, 1);
    assert.match(answer.stderr, /backTest/);
  });

  it("gives the same by the command when the server has stopped", async () => {
    const { backTest } = await ask({ detector: "SERIES" });
    await platform.stop();
    const report = command("--detector", "series");
    assert.deepEqual(
      report.alarms.map(({ kind, reason, verdict }) => ({ kind, reason, verdict: verdict.toUpperCase() })),
      backTest.alarms.map(({ kind, reason, verdict }) => ({ kind, reason, verdict })),
    );
    assert.equal(report.classes.bearing_worn.median_lead_s, backTest.classes[0].medianLeadSeconds);
    const rule = command("--below", "36", "--for", "1 h", "--path", "press");
    assert.equal(rule.alarms.length, 1);
    assert.equal(rule.all.missed, 1);
    const table = millwright("backtest", "--tenant", tenant, "--data", platform.data, "--above", "45");
    assert.match(table, /bearing_worn +1 +1 +0 +10 h ahead/);
  });
});

describe("a back-test on PostgreSQL", { skip: noPostgres }, () => {
  let cluster;
  let platform;

  before(async () => {
    cluster = await PostgresCluster.start();
    platform = await (await Platform.create({ store: cluster.url("millwright") })).start();
    await fill(platform);
  });
  after(async () => {
    await platform?.end();
    cluster?.stop();
  });

  it("runs by the command beside the server", () => {
    const args = ["--tenant", tenant, "--data", platform.data, ...platform.store, "--json"];
    const series = JSON.parse(millwright("backtest", ...args, "--detector", "series"));
    assert.equal(series.samples, days * 1440);
    assert.equal(series.classes.bearing_worn.found, 1);
    const rule = JSON.parse(millwright("backtest", ...args, "--above", "45", "--for", "10 min"));
    assert.equal(rule.alarms.length, 1);
    assert.equal(rule.all.median_lead_s, 10 * 3600 - 600);
  });
});
