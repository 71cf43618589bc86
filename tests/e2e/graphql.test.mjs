// The analytics API over HTTP and WebSocket, with graphql-js, graphql-http and graphql-ws as judges.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema } from "graphql";
import { serverAudits } from "graphql-http";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { Platform, root, tenant, until } from "./harness.mjs";
import { IngestClient, Lineage, dictionary, scalars } from "./ingest-client.mjs";

const device = "000001";
const quarter = 15 * 60_000_000;
/** The autumn of Zurich: 2025-10-26 02:00 to 03:00 comes twice. */
const autumn = Date.UTC(2025, 9, 25, 22, 0, 0) * 1000;

describe("the analytics API", () => {
  let platform;
  let client;
  let stream;
  let lineage;

  before(async () => {
    platform = await (await Platform.create()).start();
    const secret = await platform.register(device, { city: "Zürich", country: "CH" });
    client = new IngestClient(platform.hub);
    const { token } = await client.token(tenant, device, secret);
    // Two days of one sample a quarter of an hour, counting up from 0.
    const samples = Array.from({ length: 192 }, (_, i) => [autumn + i * quarter, i]);
    lineage = new Lineage().add(
      dictionary(1, device, "temperature.ambient", { path: "hall" }),
      dictionary(2, device, "pressure", { path: "hall.pump", unit: "bar" }),
      scalars(1, samples),
      scalars(2, [[autumn, 5]]),
    );
    stream = client.stream(token);
    await stream.hello([lineage.offer()]);
    stream.send(lineage.batch());
    await stream.next("ack");
  });
  after(async () => {
    await stream?.finish();
    client?.close();
    await platform?.end();
  });

  const scalar = async (extra) =>
    (
      await platform.query(
        `query($b: NumericScalarInput!) { numericScalar(body: $b) { metricIdentifier path unit values { value timestampLocal } } }`,
        {
          b: {
            tenantIdentifier: tenant,
            deviceIdentifier: device,
            metricIdentifier: ["temperature.ambient"],
            start: "2025-10-26",
            end: "2025-10-26",
            ...extra,
          },
        },
      )
    ).numericScalar;

  const refused = async (query, variables, code, part) => {
    const { body } = await platform.call("POST", "/graphql", { query, variables });
    assert.ok(body.errors?.length, JSON.stringify(body).slice(0, 200));
    if (code) assert.equal(body.errors[0].extensions?.code, code, JSON.stringify(body.errors[0]));
    assert.match(body.errors[0].message, part);
  };

  it("introspection gives back the schema file", async () => {
    const data = await platform.query(getIntrospectionQuery());
    const expected = buildSchema(readFileSync(join(root, "src/analytics/schema.graphql"), "utf8"));
    assert.equal(
      printSchema(lexicographicSortSchema(buildClientSchema(data))),
      printSchema(lexicographicSortSchema(expected)),
    );
  });

  it("passes the audits of GraphQL over HTTP", async () => {
    const results = await Promise.all(
      serverAudits({ url: `${platform.api}/graphql`, fetchFn: fetch }).map((audit) => audit.fn()),
    );
    const bad = results.filter((r) => r.status === "error" || (r.status === "warn" && /^MUST/.test(r.name)));
    assert.deepEqual(bad.map((r) => `${r.name}: ${r.reason}`), []);
  });

  it("answers samples newest first in local time, both ends included", async () => {
    const [metric] = await scalar({});
    assert.equal(metric.unit, "°C");
    assert.equal(metric.values.length, 100, "a day of 25 hours");
    assert.equal(metric.values[0].timestampLocal, "2025-10-26T23:45:00");
    assert.equal(metric.values.at(-1).timestampLocal, "2025-10-26T00:00:00");
    assert.equal((await scalar({ start: "2025-10-26T05:00:00", end: "2025-10-26T05:00:00" }))[0].values.length, 1);
  });

  it("groups by the device's own days and hours, both hours of the fold apart", async () => {
    const [days] = await scalar({ start: "2025-10-26", end: "2025-10-27", grouping: "DAILY", aggregation: "COUNT" });
    assert.deepEqual(days.values, [
      { value: 92, timestampLocal: "2025-10-27T00:00:00" },
      { value: 100, timestampLocal: "2025-10-26T00:00:00" },
    ]);
    const [hours] = await scalar({ start: "2025-10-26T01:00:00", end: "2025-10-26T03:59:59", grouping: "HOURLY", aggregation: "FIRST" });
    assert.deepEqual(hours.values.map((v) => v.timestampLocal.slice(11, 13)).reverse(), ["01", "02", "02", "03"]);
  });

  it("knows every aggregation, alone for the whole range and by every grouping", async () => {
    const expected = { MIN: 0, MAX: 99, AVG: 49.5, SUM: 4950, COUNT: 100, FIRST: 0, LAST: 99 };
    for (const [aggregation, value] of Object.entries(expected)) {
      const [metric] = await scalar({ aggregation });
      assert.equal(metric.values.length, 1);
      assert.equal(metric.values[0].value, value, aggregation);
      for (const grouping of ["SECOND", "MINUTE", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]) {
        const grouped = await scalar({ aggregation, grouping });
        assert.ok(grouped[0].values.length > 0, `${grouping} ${aggregation}`);
      }
    }
  });

  it("selects by subtree; an empty path restricts nothing", async () => {
    const names = async (extra) => (await scalar({ metricIdentifier: null, start: "2025-10-25", ...extra })).map((m) => m.path);
    assert.deepEqual((await names({ path: "hall.pump" })), ["hall.pump"]);
    assert.equal((await names({ path: "hall" })).length, 2);
    assert.equal((await names({ path: "" })).length, 2);
    assert.deepEqual(await names({ path: "hal" }), []);
  });

  it("foretells when a metric meets the limit that a technician has set", async () => {
    const input = {
      tenantIdentifier: tenant,
      deviceIdentifier: device,
      path: "hall",
      metricIdentifier: "temperature.ambient",
      value: 300,
    };
    const create = "mutation ($input: DegradationLimitInput!) { createDegradationLimit(input: $input) { id model author } }";
    const state = async () => {
      const { metrics } = await platform.query(
        `{ metrics(tenantIdentifier: "${tenant}", deviceIdentifier: "${device}", path: "hall") { metricIdentifier remainingLife } }`,
      );
      return metrics.find(({ metricIdentifier }) => metricIdentifier === "temperature.ambient").remainingLife;
    };
    assert.equal(await state(), "NOT_SET");
    await assert.rejects(platform.query(create, { input }));
    const technician = await platform.login("technician");
    const { createDegradationLimit: limit } = await platform.query(create, { input }, technician);
    assert.match(limit.author, /^technician/);
    // 192 samples counting up from 0, four an hour: 300 is met 27 hours after the last one.
    await until("the limit is foretold", async () => (await state()) === "VALUE", { everyMs: 200 });
    const { predictions, predictionHistory } = await platform.query(
      `{ predictions(tenantIdentifier: "${tenant}", deviceIdentifier: "${device}", leadTimeDays: 1) { model value lower upper unit orderBy }
         predictionHistory(tenantIdentifier: "${tenant}", deviceIdentifier: "${device}", kind: REMAINING_USEFUL_LIFE,
           start: "2025-10-01", end: "2025-11-30") { model value } }`,
    );
    const life = predictions.find(({ model }) => model === limit.model);
    assert.ok(life.lower <= 28 && life.upper >= 27, JSON.stringify(life));
    assert.equal(life.unit, "h");
    assert.ok(life.orderBy);
    assert.equal(predictionHistory.at(0).model, limit.model);
    await platform.query(`mutation { deleteDegradationLimit(id: "${limit.id}") }`, {}, technician);
    assert.equal(await state(), "NOT_SET");
  });

  it("reduces a chart to columns of pixels without losing a peak", async () => {
    const { series } = await platform.query(
      `{ series(tenantIdentifier: "${tenant}", deviceIdentifier: "${device}", path: "hall", start: "2025-10-25", end: "2025-10-28", pixels: 50) {
           metricIdentifier t min max avg count columnUs } }`,
    );
    const chart = series.find((s) => s.metricIdentifier === "temperature.ambient");
    assert.ok(chart.t.length <= 50);
    assert.equal(Math.max(...chart.max), 191);
    assert.equal(Math.min(...chart.min), 0);
    assert.equal(chart.count.reduce((a, b) => a + b), 192);
  });

  it("refuses what is wrong by code, field and value", async () => {
    const q = `query($b: NumericScalarInput!) { numericScalar(body: $b) { metricIdentifier } }`;
    const b = { tenantIdentifier: tenant, deviceIdentifier: device, start: "2025-10-25", end: "2025-10-26" };
    await refused(q, { b: { ...b, tenantIdentifier: "999999" } }, "not_found", /999999/);
    await refused(q, { b: { ...b, deviceIdentifier: "999999" } }, "not_found", /999999/);
    await refused(q, { b: { ...b, metricIdentifier: ["no.such"] } }, null, /no\.such/);
    await refused(q, { b: { ...b, metricIdentifier: ["a..b"] } }, "invalid_argument", /a\.\.b/);
    await refused(q, { b: { ...b, path: "x-y" } }, "invalid_argument", /x-y/);
    await refused(q, { b: { ...b, start: "yesterday" } }, "invalid_argument", /yesterday/);
    await refused(q, { b: { ...b, end: "2025-10-24" } }, "invalid_argument", /start|end/);
    await refused(q, { b: { ...b, grouping: "DAILY" } }, "invalid_argument", /aggregation/);
    await refused(q, { b: { ...b, grouping: "FORTNIGHTLY" } }, null, /FORTNIGHTLY/);
    await refused(q, {}, null, /\$b|b/);
    await refused("{ devices(body: ", {}, null, /./);
    await refused("{ nothing }", {}, null, /nothing/);
    await refused(`{ series(tenantIdentifier: "${tenant}", deviceIdentifier: "${device}", start: "2025-10-25", end: "2025-10-26", pixels: 0) { t } }`, {}, "invalid_argument", /pixels/);
    const model = `query($b: NumericScalarModelInput!) { numericScalarModel(body: $b) { model { predicted } } }`;
    for (const modelType of ["SKLEARN", "PYTORCH", "TENSORFLOW", "LIGHTGBM", "CATBOOST"]) {
      await refused(model, { b: { ...b, model: { name: "m", modelType, windowSize: 256, version: "1" } } }, null, /export|train/i);
    }
    await refused(model, { b: { ...b, model: { name: "none", modelType: "MILLWRIGHT", windowSize: 256, version: "1" } } }, "not_found", /none/);
  });

  it("bounds what one document may ask for", async () => {
    const deep = "{ devices".concat("{ a".repeat(10_000), "}".repeat(10_001));
    await refused(deep, {}, null, /./);
    await refused(`{ ${"a: devices(body: {tenantIdentifier: \"100000\"}) { deviceIdentifier } ".repeat(400)} }`, {}, null, /./);
    const bomb = Array.from({ length: 25 }, (_, i) => `fragment f${i} on Query { ${i < 24 ? `...f${i + 1} ...f${i + 1}` : "__typename"} }`).join(" ");
    await refused(`{ ...f0 } ${bomb}`, {}, null, /./);
    await refused(`{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }`, {}, null, /./);
    const started = Date.now();
    await refused(`{ ${" ".repeat(20_000)} __typename }`, {}, null, /./);
    assert.ok(Date.now() - started < 1000);
  });

  it("brings samples to a subscriber as they are stored", async () => {
    const live = createClient({
      url: `${platform.api.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    const seen = [];
    const errors = [];
    const end = live.subscribe(
      {
        query: `subscription($t: String!, $d: String!) { samples(tenantIdentifier: $t, deviceIdentifier: $d, path: "hall") {
                  deviceIdentifier series { metricIdentifier unit t value } } }`,
        variables: { t: tenant, d: device },
      },
      { next: (message) => seen.push(message), error: (e) => errors.push(e), complete: () => {} },
    );
    const before = lineage.nextSeq;
    let sent = 0;
    await until("a live message", async () => {
      const at = Date.now() * 1000;
      lineage.add(scalars(1, [[at, 1000 + sent++]]));
      stream.send(lineage.batch(lineage.records.length, lineage.records.length));
      await stream.next("ack");
      assert.deepEqual(errors, []);
      return seen.length > 0;
    }, { everyMs: 200 });
    assert.ok(lineage.nextSeq > before);
    const [series] = seen[0].data.samples.series;
    assert.equal(series.metricIdentifier, "temperature.ambient");
    assert.ok(series.value[0] >= 1000);
    end();
    await live.dispose();
  });

  it("refuses subscriptions that are wrong, and sockets that break the protocol", async () => {
    const live = createClient({ url: `${platform.api.replace("http", "ws")}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
    const error = await new Promise((resolve) =>
      live.subscribe(
        { query: `subscription { samples(tenantIdentifier: "999999", deviceIdentifier: "000001") { deviceIdentifier } }` },
        { next: resolve, error: resolve, complete: () => resolve("complete") },
      ),
    );
    assert.match(JSON.stringify(error.message ?? error), /999999/);
    await live.dispose();
    const closes = async (...texts) => {
      const socket = new WebSocket(`${platform.api.replace("http", "ws")}/graphql`, "graphql-transport-ws");
      await new Promise((resolve) => socket.once("open", resolve));
      for (const t of texts) socket.send(t);
      return new Promise((resolve) => socket.once("close", (code) => resolve(code)));
    };
    const init = JSON.stringify({ type: "connection_init" });
    assert.equal(await closes("no json"), 4400);
    assert.equal(await closes(JSON.stringify({ type: "subscribe", id: "1", payload: { query: "{ __typename }" } })), 4401);
    assert.equal(await closes(init, init), 4429);
  });

  it("has a page to try it", async () => {
    const page = await fetch(`${platform.api}/graphql`, { headers: { accept: "text/html" } });
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<html/i);
  });
});
