// The programs as an operator meets them: two servers on one folder, an agent's configuration, an
// agent that is driven over REST, models and what they say.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Edge, Platform, freePort, millwright, root, tenant, until } from "./harness.mjs";
import { IngestClient, Lineage, dictionary, scalars, waveform } from "./ingest-client.mjs";

const bin = (name) => join(root, process.env.MILLWRIGHT_BUILD ?? "build/release", "bin", name);
const run = (name, ...args) => spawnSync(bin(name), args, { encoding: "utf8", timeout: 10_000 });
const nowUs = () => Date.now() * 1000;

describe("one data folder", () => {
  let platform;
  before(async () => {
    platform = await (await Platform.create()).start();
  });
  after(() => platform?.end());

  const serve = async (...args) => {
    const addresses = ["--grpc", `127.0.0.1:${await freePort()}`];
    if (!args.includes("--http")) addresses.push("--http", `127.0.0.1:${await freePort()}`);
    return run("millwright", "serve", ...addresses, ...args);
  };

  it("has one server: a second refuses and names the folder, the first goes on", async () => {
    const second = await serve("--data", platform.data);
    assert.ok(second.status > 0, `${second.status} ${second.signal}`);
    assert.ok(second.stderr.includes(platform.data), second.stderr);
    assert.match(second.stderr, /in use/);
    assert.match(second.stderr, new RegExp(`\\b${platform.program.pid}\\b`), "and the process");
    assert.ok((await fetch(`${platform.api}/readyz`)).ok);
  });

  it("a port that is taken, or none, is said so", async () => {
    const other = join(platform.folder, "other");
    for (const [args, part] of [
      [["--data", other, "--http", `127.0.0.1:${platform.httpPort}`], new RegExp(String(platform.httpPort))],
      [["--data", other, "--http", "nonsense"], /nonsense/],
      [["--data", other, "--surprise"], /surprise/],
    ]) {
      const answer = await serve(...args);
      assert.ok(answer.status > 0, `${answer.status} ${answer.signal} ${args}`);
      assert.match(answer.stderr + answer.stdout, part);
    }
  });
});

describe("an agent's configuration", () => {
  let platform;
  before(async () => {
    platform = await Platform.create();
  });
  after(() => platform?.end());

  const good = `[device]
tenant = "100000"
identifier = "000001"
timezone = "Europe/Zurich"

[hub]
address = "127.0.0.1:1"
api = "http://127.0.0.1:1"

[[sensor]]
identifier = "temperature.ambient"
type = "temperature"
path = "hall"
sampling_interval = 1.0
`;
  const check = (toml) => {
    const file = join(platform.folder, "edge.toml");
    writeFileSync(file, toml);
    const answer = run("millwright-edge", "--config", file, "--data", join(platform.folder, "edge"), "--check");
    return { status: answer.status, words: answer.stdout + answer.stderr, file };
  };

  it("that is right is fine", () => {
    const answer = check(good);
    assert.equal(answer.status, 0, answer.words);
    assert.match(answer.words, /1 sensors, 0 replays/);
    assert.equal(check(good.replace("1.0", "1")).status, 0, "a whole number is a number");
  });

  it("with a mistake is refused by file, line, column and key", () => {
    for (const [from, to, line, column, part] of [
      ["timezone", "timezon", 4, 1, /device\.timezon'.*timezone/],
      ["[hub]", "[hubb]", 6, 2, /hubb/],
      ['"100000"', '"100000', 2, null, /./],
      ['"100000"', "100000", 2, null, /device\.tenant/],
      ["Europe/Zurich", "Europe/Zurick", 4, null, /device\.timezone.*Zurick/],
      ['"127.0.0.1:1"', '"nonsense"', 7, null, /hub\.address.*nonsense/],
      ["http://127.0.0.1:1", "ftp:/x", 8, null, /hub\.api/],
      ["timezone", "long = 200.0\ntimezone", 4, null, /device\.long.*200/],
      ['type = "temperature"', 'type = "temperatur"', 12, null, /temperatur'/],
      ["1.0", "-1.0", 14, null, /sampling_interval/],
      ["1.0", '"1"', 14, null, /sampling_interval/],
      ["sampling_interval", "sampling_intervall", null, null, /sampling_interval/],
      ["1.0", "1.0\ndisturbances = [{ disturbance_type = 'drift', parameters = { rte = 1 } }]", 15, null, /rte/],
      ["1.0", "1.0\nfault_type = 'rust'", 15, null, /fault_type/],
      ["sampling_interval", "offse = 1\nsampling_interval", 14, 1, /offse/],
      ["[[sensor]]", "[agent]\njournal_budget_mib = 1\n[[sensor]]", 11, null, /agent\.journal_budget_mib/],
      ['path = "hall"', 'path = "hall"\npath = "x"', 14, null, /path/],
    ]) {
      const answer = check(good.replace(from, to));
      assert.equal(answer.status, 2, `${to}: ${answer.status} ${answer.words}`);
      const place = new RegExp(`:${line ?? "\\d+"}:${column ?? "\\d+"}: `);
      assert.ok(answer.words.startsWith(answer.file), answer.words);
      assert.match(answer.words, place);
      assert.match(answer.words, part);
    }
    const empty = check("");
    assert.match(empty.words, /device\.tenant is missing/);
    const missing = run("millwright-edge", "--config", "/no/such.toml", "--check");
    assert.equal(missing.status, 2);
    assert.match(missing.stderr + missing.stdout, /\/no\/such\.toml/);
  });
});

describe("an agent that is driven over REST", () => {
  let platform;
  let admin;
  let edge;
  const device = "000031";
  before(async () => {
    platform = await (await Platform.create({ demo: false, legacy: false })).start();
    admin = await platform.login();
    const toml = `[device]
tenant = "${tenant}"
identifier = "${device}"
timezone = "Europe/Zurich"

[hub]
address = "${platform.hub}"
api = "${platform.api}"
claim_file = "claim"
first_retry_ms = 50
longest_retry_ms = 500

[[sensor]]
identifier = "temperature.ambient"
type = "temperature"
path = "hall"
sampling_interval = 0.05

[[sensor]]
identifier = "vibration.gear1"
type = "vibration"
path = "motor"
sampling_interval = 1.0
`;
    edge = new Edge(platform, device, toml).start();
    await until("the agent", async () => (await call("GET", "")).body.data?.device?.connected);
  });
  after(async () => {
    await edge?.stop();
    await platform?.end();
  });

  const base = `/api/v1/tenants/${tenant}/devices/${device}`;
  const call = (method, path, body) => platform.call(method, base + path, body, admin);
  const names = async () =>
    (await call("GET", "/sensors")).body.data.sensors.map((s) => `${s.path}/${s.sensor_identifier}`).sort();
  const metrics = async () => (await call("GET", "/metrics")).body.data.metrics.map((m) => m.metric_identifier);
  /** The device's own refusal: 409 at the resources, 200 with status error in the old contract. */
  const failed = (answer, part, status = 409) => {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.equal(answer.body.status, "error", JSON.stringify(answer.body));
    assert.match(answer.body.message, part);
  };
  const humidity = { sensor_identifier: "humidity.ambient", sensor_type: "humidity", path: "hall", sampling_interval: 0.05 };

  it("tells its connection", async () => {
    const answer = await call("POST", "/commands", { command: "get_connection_state" });
    assert.equal(answer.body.status, "success", JSON.stringify(answer.body));
    assert.equal(answer.body.data.connection_state, "connected");
  });

  it("adds a sensor once, lists it, and its samples arrive", async () => {
    assert.deepEqual(await names(), ["hall/temperature.ambient", "motor/vibration.gear1"]);
    const added = await call("POST", "/sensors", humidity);
    assert.equal(added.body.status, "success", JSON.stringify(added.body));
    failed(await call("POST", "/sensors", humidity), /exists already/);
    assert.ok((await names()).includes("hall/humidity.ambient"));
    await until("its samples", async () => (await metrics()).includes("humidity.ambient"));
  });

  it("refuses a sensor whose metric comes from another, or that it cannot keep up with", async () => {
    failed(await call("POST", "/sensors", { ...humidity, sensor_identifier: "vibration.gear1.x_axis", path: "motor" }), /comes from/);
    failed(await call("POST", "/sensors", { ...humidity, sensor_identifier: "v2", sensor_type: "vibration" }), /0\.25/);
    assert.ok(!(await names()).some((name) => /v2|x_axis/.test(name)));
  });

  it("lets a simulated sensor misbehave", async () => {
    const path = "/api/v1/tenants/devices/sensors/anomalies";
    const [start, end] = [-60_000, 60_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const body = {
      ...{ tenant_identifier: tenant, device_identifier: device, sensor_identifier: "temperature.ambient" },
      anomalies: [{ start, end, anomalie_type: "point", mean: 500, std: 1 }],
    };
    const told = await platform.call("POST", path, body, admin);
    assert.equal(told.body.status, "success", JSON.stringify(told.body));
    await until("a temperature of hundreds of degrees", async () =>
      (await call("GET", "/metrics")).body.data.metrics.some((m) => m.metric_identifier === "temperature.ambient" && m.latest.value > 300),
    );
    failed(await platform.call("POST", path, { ...body, sensor_identifier: "no.such" }, admin), /no\.such/, 200);
    failed(await platform.call("POST", path, { ...body, sensor_identifier: "vibration.gear1" }, admin), /vibration/, 200);
  });

  it("removes a sensor, once", async () => {
    failed(await call("DELETE", "/sensors/no.such"), /no\.such/);
    assert.equal((await call("DELETE", "/sensors/humidity.ambient?path=hall")).body.status, "success");
    failed(await call("DELETE", "/sensors/humidity.ambient?path=hall"), /does not exist/);
    assert.ok(!(await names()).includes("hall/humidity.ambient"));
  });

  it("is not connected once it has stopped", async () => {
    await edge.stop();
    await until("the connection to end", async () => (await call("GET", "/sensors")).status === 503);
  });
});

describe("models and what they say", { timeout: 240_000 }, () => {
  let platform;
  let client;
  let stream;
  const device = "000001";
  const at = nowUs() - 60_000_000;
  before(async () => {
    platform = await Platform.create();
    millwright("train", "gear", "--registry", join(platform.data, "registry"));
    await platform.start();
    client = new IngestClient(platform.hub);
    const { token } = await client.token(tenant, device, await platform.register(device));
    const burst = (phase) =>
      Array.from({ length: 1024 }, (_, i) => Math.sin((2 * Math.PI * 375 * i) / 5000 + phase) + 0.1 * Math.sin(i * i));
    const steady = Array.from({ length: 1500 }, (_, i) => [at - (1500 - i) * 1_000_000, 20 + 0.1 * Math.sin(i * i)]);
    const wild = Array.from({ length: 40 }, (_, i) => [at + i * 1_000_000, 90 + 0.1 * Math.sin(i * i)]);
    const lineage = new Lineage().add(
      dictionary(1, device, "gear1.x_axis", { path: "motor", type: 2 }),
      dictionary(2, device, "gear1.y_axis", { path: "motor", type: 2 }),
      dictionary(3, device, "temperature", { path: "hall" }),
      waveform(1, at, 5000, burst(0)),
      waveform(2, at, 5000, burst(1)),
      scalars(3, steady),
      scalars(3, wild),
    );
    stream = client.stream(token);
    await stream.hello([lineage.offer()]);
    stream.send(lineage.batch());
    assert.deepEqual((await stream.next("ack")).refusals, []);
  });
  after(async () => {
    await stream?.finish();
    client?.close();
    await platform?.end();
  });

  const model = { name: "gear", modelType: "MILLWRIGHT", windowSize: 256, version: "live" };
  const body = {
    ...{ tenantIdentifier: tenant, deviceIdentifier: device, path: "motor", start: "2020-01-01", end: "2100-01-01" },
    model,
  };
  const ask = (b) =>
    platform.call("POST", "/graphql", {
      query: `query($b: NumericScalarModelInput!) { numericScalarModel(body: $b) {
        metricIdentifier path values { value timestampLocal } model { name predicted probability version } } }`,
      variables: { b },
    });
  const code = (answer) => answer.body.errors?.[0]?.extensions?.code;

  it("numericScalarModel answers samples oldest first with the verdict", async () => {
    const { data } = (await ask(body)).body;
    assert.deepEqual(data.numericScalarModel.map((m) => m.metricIdentifier), ["gear1.x_axis", "gear1.y_axis"]);
    for (const metric of data.numericScalarModel) {
      assert.equal(metric.values.length, 1024);
      assert.ok(metric.values[0].timestampLocal < metric.values.at(-1).timestampLocal);
      assert.equal(metric.model.name, "gear");
      assert.equal(metric.model.version, "1");
      assert.match(metric.model.predicted, /^[a-z_]+$/);
      assert.ok(metric.model.probability > 0 && metric.model.probability <= 1);
    }
    const byNumber = (await ask({ ...body, model: { ...model, version: "1" } })).body.data.numericScalarModel;
    assert.deepEqual(byNumber, data.numericScalarModel);
    const hall = (await ask({ ...body, path: "hall" })).body.data.numericScalarModel;
    assert.equal(hall[0].model, null, "no inputs, no verdict");
  });

  it("numericScalarModel refuses models that are not there or do not fit", async () => {
    for (const [change, expected] of [
      [{ version: "99" }, "not_found"],
      [{ name: "none" }, "not_found"],
      [{ version: "newest" }, "invalid_argument"],
      [{ windowSize: 128 }, "invalid_argument"],
      [{ windowSize: -1 }, "invalid_argument"],
      [{ name: "../gear" }, "invalid_argument"],
      [{ modelType: "SKLEARN" }, "unimplemented"],
    ]) {
      const answer = await ask({ ...body, model: { ...model, ...change } });
      assert.equal(code(answer), expected, JSON.stringify([change, answer.body.errors]));
    }
  });

  const say = (field, extra, what) =>
    platform.call("POST", "/graphql", {
      query: `{ ${field}(tenantIdentifier: "${tenant}", deviceIdentifier: "${device}"${extra}) { ${what} } }`,
    });

  it("predictions hold the model's verdict on the burst", async () => {
    const what = "path kind model version predicted probability reason timestampLocal";
    const [one] = await until("a prediction", async () => {
      const { predictions } = (await say("predictions", ', path: "motor"', what)).body.data;
      return predictions.length > 0 && predictions;
    });
    assert.deepEqual([one.kind, one.model, one.version], ["FAULT_CLASS", "gear", "1"]);
    assert.ok(one.reason.length > 10);
    assert.deepEqual((await say("predictions", ', path: "hall"', what)).body.data.predictions, []);
    assert.equal(code(await say("predictions", ', path: "x-y"', what)), "invalid_argument");
  });

  it("anomalies hold the span in which the temperature was unlike itself", async () => {
    const range = ', start: "2020-01-01", end: "2100-01-01"';
    const what = "metricIdentifier path kind start end severity reason";
    const [one] = await until("an anomaly", async () => {
      const { anomalies } = (await say("anomalies", `${range}, path: "hall"`, what)).body.data;
      return anomalies.length > 0 && anomalies;
    });
    assert.equal(one.metricIdentifier, "temperature");
    assert.ok(one.severity > 3);
    assert.ok(one.reason.length > 10);
    assert.deepEqual((await say("anomalies", ', start: "2001-01-01", end: "2001-01-02"', what)).body.data.anomalies, []);
    for (const bad of [`${range}, limit: 0`, `${range}, limit: 1001`, ', start: "soon", end: "2100-01-01"', ', start: "2100-01-01", end: "2020-01-01"']) {
      assert.equal(code(await say("anomalies", bad, what)), "invalid_argument", bad);
    }
  });

  it("GET /graphql answers queries, not subscriptions", async () => {
    const get = (parameters) => platform.call("GET", `/graphql?${new URLSearchParams(parameters)}`, undefined, { accept: "application/json" });
    const query = `query D($t: String!) { devices(body: { tenantIdentifier: $t }) { deviceIdentifier } }`;
    const good = await get({ query, variables: JSON.stringify({ t: tenant }) });
    assert.deepEqual(good.body.data.devices, [{ deviceIdentifier: device }]);
    for (const bad of [
      ...[{ query: "{ nothing }" }, { query: "{" }, { query, variables: "{no" }],
      { query: `subscription { samples(tenantIdentifier: "${tenant}", deviceIdentifier: "${device}") { deviceIdentifier } }` },
    ]) {
      const answer = await get(bad);
      assert.ok(answer.status >= 400 || answer.body.errors?.length, JSON.stringify([bad, answer.body]));
      assert.equal(answer.body.data ?? null, null);
    }
  });
});
