// Every device call that devices.test.mjs and legacy.test.mjs leave out, with good and bad input.
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import WebSocket from "ws";
import { Platform, tenant, until } from "./harness.mjs";

const device = "000001";
const ids = { tenant_identifier: tenant, device_identifier: device };
const resources = `/api/v1/tenants/${tenant}/devices`;
const sensor = {
  sensor_identifier: "temperature.ambient",
  sensor_type: "temperature",
  path: "hall",
  sampling_interval: 1,
};
const anomaly = { start: "2026-01-01T00:00:00", end: "2026-01-01T01:00:00", anomalie_type: "point", mean: 5, std: 1 };

describe("device calls", () => {
  let platform;
  let admin;
  let viewer;
  let secret;

  before(async () => {
    platform = await (await Platform.create()).start();
    admin = await platform.login();
    viewer = await platform.login("viewer");
    secret = await platform.register(device, { city: "Zürich", lat: 47.37 });
  });
  after(() => platform?.end());

  const calls = (method, name, body) => platform.call(method, `/api/v1/tenants/devices/${name}`, body);
  const resource = (method, path, body, who = admin) => platform.call(method, resources + path, body, who);

  /** fetch refuses what devices in the field do: GET with a body. */
  const getWithBody = (path, body) =>
    new Promise((resolve, reject) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      const call = request(`${platform.api}${path}`, { method: "GET", headers }, async (answer) => {
        let all = "";
        for await (const part of answer) all += part;
        resolve({ status: answer.statusCode, body: JSON.parse(all) });
      });
      call.on("error", reject);
      call.end(text);
    });

  const refused = (answer, status, part) => {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.equal(answer.body.status, "error");
    assert.match(answer.body.message, part);
  };

  /** A device of the field that answers each command by `answer(message)`, while `use` runs. */
  const connected = async (answer, use) => {
    const socket = new WebSocket(`${platform.api.replace("http", "ws")}/ws/v1/tenants/devices`);
    const seen = [];
    socket.on("message", (data) => {
      const message = JSON.parse(data);
      seen.push(message);
      if (!message.message_id) return;
      const { message_id } = message;
      const own = { message_type: "command_response", message_id, timestamp: "2026-01-01T00:00:00" };
      socket.send(JSON.stringify({ ...own, status: "success", message: "done", data: null, ...answer(message) }));
    });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    socket.send(JSON.stringify({ message_type: "connect", ...ids }));
    await until("connect_ack", () => seen.some((m) => m.message_type === "connect_ack"));
    try {
      await use(seen);
    } finally {
      socket.send(JSON.stringify({ type: "websocket.close" }));
      await new Promise((resolve) => socket.once("close", resolve));
      // The device's side is closed before the platform has noticed.
      await until("the platform to notice", async () => {
        const answer = await calls("POST", "sensors/states", ids);
        return /not connected/.test(answer.body.message);
      });
    }
  };

  const two = { sensors: [sensor, { ...sensor, sensor_identifier: "humidity.ambient" }] };
  const listing = (message) => (message.command === "get_sensors" ? { message: "two sensors", data: two } : {});

  it("PUT update changes what it names and leaves the rest", async () => {
    const changed = await calls("PUT", "update", { ...ids, city: "Bern", description: null });
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    assert.equal(changed.body.status, "success");
    const { device: now } = (await resource("GET", `/${device}`)).body.data;
    assert.equal(now.city, "Bern");
    assert.equal(now.lat, 47.37);
    assert.equal(now.description, `device ${device}`);
    assert.equal(now.timezone, "Europe/Zurich");
  });

  it("PUT update refuses what is wrong and changes nothing", async () => {
    const before = (await resource("GET", `/${device}`)).body.data.device;
    refused(await calls("PUT", "update", { ...ids, timezone: "Mars/Olympus" }), 422, /Mars\/Olympus/);
    refused(await calls("PUT", "update", { ...ids, lat: 90.01 }), 422, /lat/);
    refused(await calls("PUT", "update", { ...ids, city: 7 }), 422, /city/);
    refused(await calls("PUT", "update", { ...ids, description: "x".repeat(1025) }), 422, /description/);
    refused(await calls("PUT", "update", { tenant_identifier: tenant, city: "Bern" }), 422, /device_identifier/);
    refused(await calls("PUT", "update", { device_identifier: device }), 422, /tenant_identifier/);
    refused(await calls("PUT", "update", { ...ids, device_identifier: "777777", city: "Bern" }), 404, /777777/);
    refused(await calls("PUT", "update", { ...ids, tenant_identifier: "999999" }), 404, /999999/);
    refused(await calls("POST", "update", { ...ids, city: "Bern" }), 405, /./);
    assert.deepEqual((await resource("GET", `/${device}`)).body.data.device, before);
  });

  it("GET sensors takes its body, without a connection and with one", async () => {
    const path = "/api/v1/tenants/devices/sensors";
    const away = await getWithBody(path, ids);
    refused(away, 200, /not connected/);
    refused(await getWithBody(path, "{not json"), 422, /JSON/);
    refused(await getWithBody(path, { tenant_identifier: tenant }), 422, /device_identifier/);
    refused(await getWithBody(path, { ...ids, tenant_identifier: "999999" }), 404, /999999/);
    await connected(listing, async (seen) => {
      const answer = await getWithBody(path, ids);
      assert.equal(answer.status, 200);
      assert.equal(answer.body.status, "success", JSON.stringify(answer.body));
      assert.equal(answer.body.message, "two sensors");
      assert.deepEqual(answer.body.data, two);
      assert.equal(seen.at(-1).message_type, "sensor_management");
    });
  });

  it("POST sensors/states selects from the device's list", async () => {
    refused(await calls("POST", "sensors/states", ids), 200, /not connected/);
    await connected(listing, async () => {
      const names = async (sensor_identifier) => {
        const answer = await calls("POST", "sensors/states", { ...ids, sensor_identifier });
        assert.equal(answer.body.status, "success", JSON.stringify(answer.body));
        return answer.body.data.sensors.map((s) => s.sensor_identifier);
      };
      assert.deepEqual(await names(undefined), ["temperature.ambient", "humidity.ambient"]);
      assert.deepEqual(await names("humidity.ambient"), ["humidity.ambient"]);
      assert.deepEqual(await names(["temperature.ambient", "no.such"]), ["temperature.ambient"]);
      refused(await calls("POST", "sensors/states", { ...ids, sensor_identifier: 5 }), 422, /sensor_identifier/);
      refused(await calls("POST", "sensors/states", { ...ids, sensor_identifier: [5] }), 422, /sensor_identifier/);
      refused(await calls("POST", "sensors/states", { ...ids, device_identifier: "777777" }), 404, /777777/);
    });
  });

  it("POST sensors/anomalies reaches the device as add_anomalies", async () => {
    const body = { ...ids, sensor_identifier: "temperature.ambient", anomalies: [anomaly] };
    refused(await calls("POST", "sensors/anomalies", body), 200, /not connected/);
    const fails = { status: "failure", message: "I do not know that" };
    await connected((m) => (m.sensor_identifier === "no.such" ? fails : {}), async (seen) => {
      const answer = await calls("POST", "sensors/anomalies", body);
      assert.equal(answer.body.status, "success", JSON.stringify(answer.body));
      const sent = seen.at(-1);
      assert.equal(sent.command, "add_anomalies");
      assert.equal(sent.sensor_identifier, "temperature.ambient");
      assert.deepEqual(sent.data.anomalies, [anomaly]);
      refused(await calls("POST", "sensors/anomalies", { ...body, sensor_identifier: "no.such" }), 200, /I do not know that/);
      const before = seen.length;
      for (const [change, part] of [
        [{ anomalies: undefined }, /anomalies/],
        [{ anomalies: "none" }, /anomalies/],
        [{ anomalies: [{ ...anomaly, std: -1 }] }, /std/],
        [{ anomalies: [{ ...anomaly, mean: "high" }] }, /mean/],
        [{ sensor_identifier: undefined }, /sensor_identifier/],
      ]) {
        refused(await calls("POST", "sensors/anomalies", { ...body, ...change }), 422, part);
      }
      assert.equal(seen.length, before, "what is wrong does not reach the device");
    });
  });

  it("the token call answers at both of its paths, for the right secret only", async () => {
    for (const path of ["/token", "/api/v1/token"]) {
      const good = await platform.call("POST", path, { ...ids, device_secret: secret });
      assert.equal(good.status, 200, JSON.stringify(good.body));
      assert.equal(good.body.data.token_type, "Bearer");
      assert.ok(Date.parse(good.body.data.expires_at) > Date.now() + 3_500_000);
      const bearer = { authorization: `Bearer ${good.body.data.token}` };
      assert.equal((await resource("GET", `/${device}/events`, undefined, bearer)).status, 200);
      const alone = { device_identifier: device, device_secret: secret };
      assert.equal((await platform.call("POST", path, alone)).status, 200, "the one tenant need not be named");
      refused(await platform.call("POST", path, { ...ids, device_secret: "wrong" }), 401, /./);
      refused(await platform.call("POST", path, { ...ids, device_identifier: "777777", device_secret: secret }), 401, /./);
      refused(await platform.call("POST", path, ids), 422, /device_secret/);
      refused(await platform.call("POST", path, { ...ids, device_secret: 5 }), 422, /device_secret/);
      refused(await platform.call("POST", path, "{"), 422, /JSON/);
    }
  });

  it("sensors as a resource: listed, added and removed on the connected device", async () => {
    const list = `/${device}/sensors`;
    refused(await resource("GET", list), 503, /not connected/);
    refused(await resource("POST", list, sensor), 503, /not connected/);
    refused(await resource("DELETE", `${list}/temperature.ambient`), 503, /not connected/);
    await connected(listing, async (seen) => {
      assert.deepEqual((await resource("GET", list)).body.data, two);
      assert.equal((await resource("POST", list, sensor)).body.status, "success");
      assert.equal(seen.at(-1).command, "add_sensor");
      assert.equal(seen.at(-1).path, "hall");
      assert.equal((await resource("DELETE", `${list}/temperature.ambient?path=hall`)).body.status, "success");
      assert.equal(seen.at(-1).command, "remove_sensor");
      assert.equal(seen.at(-1).sensor_identifier, "temperature.ambient");
      assert.equal(seen.at(-1).path, "hall");
      const before = seen.length;
      for (const [change, part] of [
        [{ sensor_type: "smell" }, /smell/],
        [{ sampling_interval: 0 }, /sampling_interval/],
        [{ sampling_interval: "1" }, /sampling_interval/],
        [{ sensor_identifier: "a..b" }, /a\.\.b/],
        [{ path: "no-hyphens" }, /no-hyphens/],
        [{ surprise: 1 }, /surprise/],
      ]) {
        refused(await resource("POST", list, { ...sensor, ...change }), 422, part);
      }
      refused(await resource("POST", list, sensor, viewer), 403, /role/);
      refused(await resource("DELETE", `${list}/temperature.ambient`, undefined, viewer), 403, /role/);
      refused(await resource("GET", "/777777/sensors"), 404, /777777/);
      assert.equal(seen.length, before, "what is wrong does not reach the device");
    });
  });

  it("commands as a resource", async () => {
    const path = `/${device}/commands`;
    const command = { command: "get_connection_state" };
    refused(await resource("POST", path, command), 503, /not connected/);
    await connected(() => ({ message: "I am here", data: { connection_state: "connected" } }), async () => {
      const answer = await resource("POST", path, command);
      assert.equal(answer.status, 200);
      assert.equal(answer.body.message, "I am here");
      assert.equal(answer.body.data.connection_state, "connected");
    });
    refused(await resource("POST", path, { command: "reboot" }), 422, /reboot/);
    refused(await resource("POST", path, {}), 422, /command/);
    refused(await resource("POST", path, { ...command, more: 1 }), 422, /more/);
    refused(await resource("POST", "/777777/commands", command), 404, /777777/);
    refused(await resource("POST", path, command, viewer), 403, /role/);
  });

  it("pages through devices and bounds events", async () => {
    for (const id of ["000002", "000003"]) await platform.register(id);
    const page = async (query) => (await resource("GET", query)).body.data.devices.map((d) => d.device_identifier);
    assert.deepEqual(await page("?limit=2"), ["000001", "000002"]);
    assert.deepEqual(await page("?limit=2&after=000002"), ["000003"]);
    assert.deepEqual(await page("?after=000003"), []);
    const events = async (query) => (await resource("GET", `/${device}/events${query}`)).body.data.events;
    assert.ok((await events("")).length >= 2);
    assert.equal((await events("?limit=1")).length, 1);
    assert.deepEqual(await events("?start=2001-01-01T00:00:00Z&end=2001-01-02T00:00:00Z"), []);
    for (const limit of ["0", "-1", "1001", "many", "1.5", "", "99999999999999999999"]) {
      refused(await resource("GET", `?limit=${limit}`), 422, /limit/);
      refused(await resource("GET", `/${device}/events?limit=${limit}`), 422, /limit/);
    }
    refused(await resource("GET", `/${device}/events?start=yesterday`), 422, /yesterday/);
    refused(await resource("GET", `/${device}/events?start=2026-01-02&end=2026-01-01`), 422, /end|start/);
    refused(await resource("GET", `/${device}/metrics?path=no-hyphens`), 422, /no-hyphens/);
    refused(await resource("GET", "/777777/metrics"), 404, /777777/);
    refused(await resource("GET", "/777777/events"), 404, /777777/);
  });

  it("a claim lives as long as valid_for_s says", async () => {
    const path = `/api/v1/tenants/${tenant}/claims`;
    for (const [body, seconds] of [[{ valid_for_s: 60 }, 60], [{ valid_for_s: 2_592_000 }, 2_592_000], [{}, 86_400], [undefined, 86_400]]) {
      const made = await platform.call("POST", path, body, admin);
      assert.equal(made.status, 201, JSON.stringify(made.body));
      assert.ok(Math.abs(Date.parse(made.body.data.expires_at) - Date.now() - seconds * 1000) < 30_000);
    }
    for (const valid_for_s of [0, -1, 59, 2_592_001, "60", 60.5, true, 1e30]) {
      refused(await platform.call("POST", path, { valid_for_s }, admin), 422, /valid_for_s/);
    }
    refused(await platform.call("POST", path, { days: 1 }, admin), 422, /days/);
  });

  it("of 50 registrations of one device at once one makes it", async () => {
    const body = { device_identifier: "RACE01", timezone: "UTC", description: "race" };
    const answers = await Promise.all(Array.from({ length: 50 }, () => resource("POST", "", body)));
    assert.equal(answers.filter((a) => a.status === 201).length, 1);
    assert.equal(answers.filter((a) => a.status === 200).length, 49);
    assert.equal(answers.filter((a) => a.body.data?.device_secret).length, 1);
  });

  it("of 20 devices that race for one claim exactly one wins", async () => {
    const claim = platform.claim();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        calls("POST", "register", {
          ...{ tenant_identifier: tenant, device_identifier: `CLAIM${10 + i}`, claim },
          ...{ timezone: "UTC", description: "race" },
        }),
      ),
    );
    assert.equal(answers.filter((a) => a.status === 200 && a.body.data.device_secret).length, 1);
    for (const loser of answers.filter((a) => a.status !== 200)) refused(loser, 401, /claim/);
    const { devices } = (await resource("GET", "")).body.data;
    assert.equal(devices.filter((d) => d.device_identifier.startsWith("CLAIM")).length, 1);
  });
});
