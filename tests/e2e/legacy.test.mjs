// The contract of the devices and clients that are in the field already, over real connections.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import WebSocket from "ws";
import { Platform, root, tenant, until } from "./harness.mjs";

const { Hub } = grpc.loadPackageDefinition(
  loader.loadSync(join(root, "proto/legacy/hub.proto"), { keepCase: true, longs: Number }),
);

const device = "000001";
const ids = { tenant_identifier: tenant, device_identifier: device };

describe("the contract of devices in the field", () => {
  let platform;
  let hub;

  before(async () => {
    platform = await (await Platform.create()).start();
    hub = new Hub(platform.hub, grpc.credentials.createInsecure());
  });
  after(async () => {
    hub?.close();
    await platform?.end();
  });

  const now = () => ({ seconds: Math.floor(Date.now() / 1000), nanos: 0 });

  /** Sends samples on one stream; answers the error's code and message, or null. */
  const send = (samples) =>
    new Promise((resolve) => {
      const stream = hub.SendNumericScalarValues((error) =>
        resolve(error ? { code: error.code, message: error.details } : null),
      );
      for (const sample of samples) stream.write({ ...ids, ...sample });
      stream.end();
    });

  const sendStatus = (status) =>
    new Promise((resolve) =>
      hub.SendDeviceStatus({ ...ids, timestamp: now(), ...status }, (error) =>
        resolve(error ? { code: error.code, message: error.details } : null),
      ),
    );

  const post = (path, body, method = "POST") =>
    platform.call(method, `/api/v1/tenants/devices/${path}`, body);

  it("registers a device with null for what it does not know, twice", async () => {
    const body = {
      ...ids,
      timezone: "Europe/Zurich",
      description: "edge device",
      long: null,
      lat: null,
      country: null,
    };
    for (const round of [1, 2]) {
      const answer = await post("register", body);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.equal(answer.body.status, "success", `round ${round}`);
      assert.equal(answer.body.data?.device_secret, undefined, "no secret without a claim");
    }
  });

  it("refuses registrations that are wrong and names what is", async () => {
    const good = { ...ids, timezone: "Europe/Zurich", description: "x" };
    for (const [change, status, part] of [
      [{ timezone: "Mars/Olympus" }, 422, "Mars/Olympus"],
      [{ timezone: undefined }, 422, "timezone"],
      [{ device_identifier: "1" }, 422, "device"],
      [{ device_identifier: "0000/1" }, 422, "device"],
      [{ lat: 91 }, 422, "lat"],
      [{ long: "east" }, 422, "long"],
      [{ tenant_identifier: "999999" }, 404, "999999"],
    ]) {
      const answer = await post("register", { ...good, ...change });
      assert.equal(answer.status, status, JSON.stringify([change, answer.body]));
      assert.equal(answer.body.status, "error");
      assert.match(answer.body.message, new RegExp(part));
    }
    assert.equal((await post("register", "{not json")).status, 422);
  });

  it("stores samples of a stream and creates metric and path by the first", async () => {
    const refused = await send([
      { metric_identifier: "temperature.ambient", path: "hall", value: 21.5, timestamp: now() },
      { metric_identifier: "vibration.gear1.x_axis", path: "conveyor.motor1", value: -0.25, timestamp: now() },
    ]);
    assert.equal(refused, null);
    const { numericScalar } = await platform.query(
      `query($body: NumericScalarInput!) { numericScalar(body: $body) {
         __typename deviceIdentifier metricIdentifier unit values { value timestampLocal } } }`,
      {
        body: {
          tenantIdentifier: tenant,
          deviceIdentifier: device,
          metricIdentifier: ["vibration.gear1.x_axis"],
          start: "2020-01-01",
          end: "2100-01-01",
          path: "conveyor",
        },
      },
    );
    assert.equal(numericScalar.length, 1);
    assert.equal(numericScalar[0].__typename, "MetricsBase");
    assert.equal(numericScalar[0].unit, "");
    assert.equal(numericScalar[0].values[0].value, -0.25);
    assert.match(numericScalar[0].values[0].timestampLocal, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/);
  });

  it("ends a stream with the first bad sample's index and keeps those before it", async () => {
    const stamp = now();
    const refused = await send([
      { metric_identifier: "kept", path: "", value: 1, timestamp: stamp },
      { metric_identifier: "kept", path: "", value: NaN, timestamp: stamp },
      { metric_identifier: "kept", path: "", value: 3, timestamp: stamp },
    ]);
    assert.equal(refused.code, grpc.status.INVALID_ARGUMENT);
    assert.match(refused.message, /\b1\b/);
    const { metrics } = await platform.query(
      `{ metrics(tenantIdentifier: "${tenant}", deviceIdentifier: "${device}") { metricIdentifier latestValue } }`,
    );
    assert.equal(metrics.find((m) => m.metricIdentifier === "kept").latestValue, 1);
  });

  it("refuses bad samples, devices and tenants by code", async () => {
    const good = { metric_identifier: "m", path: "", value: 1, timestamp: now() };
    const future = { seconds: Math.floor(Date.now() / 1000) + 600, nanos: 0 };
    for (const [change, code] of [
      [{ value: Infinity }, grpc.status.INVALID_ARGUMENT],
      [{ timestamp: { seconds: -1, nanos: 0 } }, grpc.status.INVALID_ARGUMENT],
      [{ timestamp: future }, grpc.status.INVALID_ARGUMENT],
      [{ metric_identifier: "" }, grpc.status.INVALID_ARGUMENT],
      [{ metric_identifier: "a..b" }, grpc.status.INVALID_ARGUMENT],
      [{ path: "no-hyphens" }, grpc.status.INVALID_ARGUMENT],
      [{ device_identifier: "999999" }, grpc.status.NOT_FOUND],
      [{ tenant_identifier: "999999" }, grpc.status.NOT_FOUND],
    ]) {
      const refused = await send([{ ...good, ...change }]);
      assert.equal(refused?.code, code, JSON.stringify([change, refused]));
      assert.ok(refused.message.length > 10);
    }
  });

  it("takes statuses and answers them over HTTP, under both names", async () => {
    assert.equal(await sendStatus({ status: 10 }), null);
    for (const name of ["status", "states"]) {
      const answer = await post(name, { ...ids, device_identifier: [device, "777777"] });
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.body.data.devices.map((d) => d.device_identifier), [device]);
      assert.match(String(answer.body.data.devices[0].status), /online/i);
      assert.equal(answer.body.data.failed_devices[0].device_identifier, "777777");
    }
    assert.equal((await sendStatus({ status: 11 })).code, grpc.status.INVALID_ARGUMENT);
  });

  it("shows the device to a client in the field with the names of its documents", async () => {
    const { devices } = await platform.query(
      `query Devices($tenantIdentifier: String!) {
         devices(body: { tenantIdentifier: $tenantIdentifier }) {
           deviceIdentifier description long lat country timezone status latestAliveLocal __typename } }`,
      { tenantIdentifier: tenant },
    );
    assert.equal(devices[0].deviceIdentifier, device);
    assert.equal(devices[0].status, "ONLINE");
    assert.equal(devices[0].country, null);
    assert.equal(devices[0].__typename, "Device");
  });

  it("says at once that a device is not connected", async () => {
    const answer = await post("command", { ...ids, command: "get_connection_state", data: null, path: null });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.status, "error");
    assert.match(answer.body.message, /not connected/);
  });

  it("hands commands to a connected device and answers with its own words", async () => {
    const socket = new WebSocket(`${platform.api.replace("http", "ws")}/ws/v1/tenants/devices`);
    const seen = [];
    socket.on("message", (data) => {
      const message = JSON.parse(data);
      seen.push(message);
      if (!message.message_id) return;
      socket.send(
        JSON.stringify({
          message_type: "command_response",
          status: message.command === "remove_sensor" ? "failure" : "success",
          message: `did ${message.command}`,
          message_id: message.message_id,
          data: { echo: message.sensor_identifier ?? null },
          timestamp: "2026-01-01T00:00:00",
        }),
      );
    });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    socket.send(JSON.stringify({ message_type: "connect", ...ids }));
    await until("connect_ack", () => seen.find((m) => m.message_type === "connect_ack"));

    const state = await post("command", { ...ids, command: "get_connection_state" });
    assert.equal(state.body.status, "success", JSON.stringify(state.body));
    assert.match(state.body.message, /did get_connection_state/);

    const sensor = {
      ...ids,
      sensor_identifier: "temperature.ambient",
      sensor_type: "temperature",
      path: "hall",
      sampling_interval: 1,
      data: { offset: 20, disturbances: [{ disturbance_type: "white_noise", parameters: { mean: 0, std: 0.1 } }] },
    };
    const added = await post("sensors/add", sensor);
    assert.equal(added.body.status, "success", JSON.stringify(added.body));
    const sent = seen.find((m) => m.command === "add_sensor");
    assert.equal(sent.message_type, "sensor_management");
    assert.equal(sent.sampling_interval, 1);
    assert.match(sent.message_id, /^[0-9a-f-]{36}$/);
    assert.match(sent.timestamp, /^\d{4}-\d\d-\d\dT[\d:.]+$/);

    const removed = await post("sensors/remove", { ...ids, sensor_identifier: "x.y" }, "DELETE");
    assert.equal(removed.body.status, "error", "the device's failure is told");

    assert.equal((await post("sensors/add", { ...sensor, sampling_interval: 0 })).status, 422);
    assert.equal((await post("sensors/add", { ...sensor, sensor_type: "smell" })).status, 422);
    socket.send(JSON.stringify({ type: "websocket.close" }));
    await new Promise((resolve) => socket.once("close", resolve));
  });

  it("answers a preflight for a loopback origin and for no other", async () => {
    const preflight = (origin) =>
      platform.call("OPTIONS", "/graphql", undefined, {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      });
    const good = await preflight("http://localhost:3000");
    assert.equal(good.headers.get("access-control-allow-origin"), "http://localhost:3000");
    const bad = await preflight("https://evil.example");
    assert.equal(bad.headers.get("access-control-allow-origin"), null);
  });

  it("becomes offline by itself after 20 s without a status", { timeout: 60_000 }, async () => {
    await sendStatus({ status: 10 });
    const started = Date.now();
    await until(
      "offline",
      async () => (await post("status", ids)).body.data.devices[0].status.toLowerCase() === "offline",
      { timeoutMs: 40_000, everyMs: 500 },
    );
    assert.ok(Date.now() - started > 15_000);
    const { events } = await platform.query(
      `{ events(tenantIdentifier: "${tenant}", deviceIdentifier: "${device}", start: "2020-01-01", end: "2100-01-01") { kind message timestamp } }`,
    );
    assert.ok(events.some((e) => e.kind === "status_changed" && /offline/.test(e.message)));
  });

  it("removes devices, one or a list, and names those it does not know", async () => {
    const answer = await post("remove", { ...ids, device_identifier: [device, "555555"] }, "DELETE");
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.match(JSON.stringify(answer.body), /555555/);
    const { devices } = await platform.query(`{ devices(body: { tenantIdentifier: "${tenant}" }) { deviceIdentifier } }`);
    assert.equal(devices.length, 0);
  });
});

describe("without tenants named for it", () => {
  let platform;
  before(async () => {
    platform = await (await Platform.create({ demo: false, legacy: false })).start();
  });
  after(() => platform?.end());

  it("the old contract does not answer", async () => {
    const answer = await platform.call("POST", "/api/v1/tenants/devices/register", {
      ...ids,
      timezone: "UTC",
      description: "x",
    });
    assert.ok([401, 404].includes(answer.status), `${answer.status}`);
    const hub = new Hub(platform.hub, grpc.credentials.createInsecure());
    const code = await new Promise((resolve) =>
      hub.SendDeviceStatus({ ...ids, status: 10 }, (error) => resolve(error?.code)),
    );
    hub.close();
    assert.ok([grpc.status.UNIMPLEMENTED, grpc.status.NOT_FOUND, grpc.status.UNAUTHENTICATED].includes(code));
  });

  it("nobody reads without credentials", async () => {
    const answer = await platform.call("POST", "/graphql", {
      query: `{ devices(body: { tenantIdentifier: "${tenant}" }) { deviceIdentifier } }`,
    });
    assert.ok(answer.status === 401 || answer.body.errors, JSON.stringify(answer.body));
  });
});
