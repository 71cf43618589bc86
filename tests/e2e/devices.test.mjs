// Device management with credentials: claims, sessions, roles, tenants, the WebSocket of our agents.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import WebSocket from "ws";
import { Platform, root, tenant, until } from "./harness.mjs";
import { IngestClient } from "./ingest-client.mjs";

const other = "100001";

describe("device management", () => {
  let platform;
  let admin;
  let viewer;
  let foreign;

  before(async () => {
    platform = await (
      await Platform.create({ demo: false, legacy: false, tenants: [tenant, other] })
    ).start();
    admin = await platform.login("administrator");
    viewer = await platform.login("viewer");
    foreign = await platform.login("administrator", other);
  });
  after(() => platform?.end());

  const devices = `/api/v1/tenants/${tenant}/devices`;
  const device = { device_identifier: "000001", timezone: "Europe/Zurich", description: "press" };
  const refused = (answer, status, part) => {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.equal(answer.body.status, "error");
    assert.ok(answer.body.code, "a code for programs");
    assert.match(answer.body.message, part);
  };

  it("an engineer or administrator registers a device and sees its secret once", async () => {
    const created = await platform.call("POST", devices, device, admin);
    assert.equal(created.status, 201, JSON.stringify(created.body));
    const secret = created.body.data.device_secret;
    assert.ok(secret.length >= 40);
    const again = await platform.call("GET", `${devices}/000001`, undefined, admin);
    assert.equal(again.status, 200);
    assert.ok(!JSON.stringify(again.body).includes(secret));
    assert.equal(again.body.data.device.timezone, "Europe/Zurich");
  });

  it("a device known already is not given another secret", async () => {
    const again = await platform.call(
      "POST",
      "/api/v1/tenants/devices/register",
      { ...device, tenant_identifier: tenant, claim: platform.claim() },
    );
    assert.equal(again.status, 200, JSON.stringify(again.body));
    assert.equal(again.body.data?.device_secret, undefined);
  });

  it("a claim registers one device, once, in its own tenant", async () => {
    const claim = platform.claim();
    const body = { tenant_identifier: tenant, device_identifier: "000010", timezone: "UTC", description: "x", claim };
    const wrong = await platform.call("POST", "/api/v1/tenants/devices/register", {
      ...body,
      tenant_identifier: other,
    });
    refused(wrong, 401, /claim/);
    const invalid = await platform.call("POST", "/api/v1/tenants/devices/register", { ...body, timezone: "Nowhere" });
    assert.ok([400, 422].includes(invalid.status), "bad input leaves the claim as it is");
    const registered = await platform.call("POST", "/api/v1/tenants/devices/register", body);
    assert.equal(registered.body.status, "success", JSON.stringify(registered.body));
    assert.ok(registered.body.data.device_secret);
    refused(
      await platform.call("POST", "/api/v1/tenants/devices/register", { ...body, device_identifier: "000011" }),
      401,
      /claim/,
    );
  });

  it("claims are made over HTTP by those who manage devices", async () => {
    const made = await platform.call("POST", `/api/v1/tenants/${tenant}/claims`, {}, admin);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.ok(made.body.data.claim.length >= 20);
    refused(await platform.call("POST", `/api/v1/tenants/${tenant}/claims`, {}, viewer), 403, /role/);
  });

  it("nobody without credentials, and no other tenant, sees or changes anything", async () => {
    const foreignClaims = `/api/v1/tenants/${tenant}/claims`;
    for (const [method, path, body] of [
      ["GET", devices],
      ["POST", devices, { ...device, device_identifier: "000077" }],
      ["GET", `${devices}/000001`],
      ["PATCH", `${devices}/000001`, { description: "mine" }],
      ["DELETE", `${devices}/000001`],
      ["GET", `${devices}/000001/metrics`],
      ["GET", `${devices}/000001/events`],
      ["POST", `${devices}/000001/secret`, {}],
      ["POST", foreignClaims, {}],
    ]) {
      refused(await platform.call(method, path, body), 401, /log in|token|credentials/i);
      const stranger = await platform.call(method, path, body, foreign);
      refused(stranger, 404, /does not exist/);
      const missing = await platform.call(method, path.replace(tenant, "999999"), body, foreign);
      assert.equal(missing.status, 404);
      assert.equal(
        missing.body.message.replace("999999", "X"),
        stranger.body.message.replace(tenant, "X"),
        "a foreign tenant and a missing one get the same words",
      );
    }
  });

  it("roles: a viewer reads and does not write", async () => {
    assert.equal((await platform.call("GET", devices, undefined, viewer)).status, 200);
    for (const [method, path, body] of [
      ["POST", devices, { ...device, device_identifier: "000078" }],
      ["PATCH", `${devices}/000001`, { description: "mine" }],
      ["DELETE", `${devices}/000001`],
      ["POST", `${devices}/000001/secret`, {}],
    ]) {
      refused(await platform.call(method, path, body, viewer), 403, /role/);
    }
  });

  it("state changes by cookie need the session's own CSRF token", async () => {
    for (const headers of [{ cookie: admin.cookie }, { ...admin, "x-csrf-token": "guess" }]) {
      const answer = await platform.call("PATCH", `${devices}/000001`, { description: "forged" }, headers);
      refused(answer, 403, /CSRF/i);
    }
    const crossSite = await platform.call("PATCH", `${devices}/000001`, { description: "forged" }, {
      ...admin,
      origin: "https://evil.example",
    });
    assert.equal(crossSite.status, 403);
  });

  it("refuses bad input by field and value and changes nothing", async () => {
    const before = await platform.call("GET", devices, undefined, admin);
    for (const [body, part] of [
      [{ ...device, device_identifier: "1" }, /device/],
      [{ ...device, device_identifier: 7 }, /device_identifier/],
      [{ ...device, device_identifier: "000099", timezone: "X/Y" }, /X\/Y/],
      [{ device_identifier: "000099", description: "no zone" }, /timezone/],
      [{ ...device, device_identifier: "000099", lat: 90.5 }, /lat/],
      [{ ...device, device_identifier: "000099", surprise: 1 }, /surprise/],
      ['{"device_identifier":"000099","device_identifier":"000098","timezone":"UTC"}', /device_identifier/],
      ['{"device_identifier":', /JSON/],
      ["[".repeat(100_000), /./],
      ['{"timezone":"UTC"} {}', /JSON/],
    ]) {
      const answer = await platform.call("POST", devices, body, admin);
      assert.ok([400, 422].includes(answer.status), `${answer.status} for ${JSON.stringify(body).slice(0, 80)}`);
      assert.match(answer.body.message, part);
    }
    const large = await platform.call("POST", devices, `{"description":"${"x".repeat(1 << 20)}"}`, admin);
    assert.equal(large.status, 413);
    const after = await platform.call("GET", devices, undefined, admin);
    assert.deepEqual(after.body.data, before.body.data);
  });

  it("unknown paths, methods and odd targets are refused plainly", async () => {
    assert.equal((await platform.call("GET", "/api/v1/nothing", undefined, admin)).status, 404);
    const wrongMethod = await platform.call("PUT", devices, {}, admin);
    assert.equal(wrongMethod.status, 405);
    assert.match(wrongMethod.headers.get("allow"), /GET/);
    for (const path of ["/api/v1/tenants/%2e%2e/devices", "/api//v1/session", "/api/v1/session/", "/..%2f..%2fetc/passwd"]) {
      const answer = await raw(platform.httpPort, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${platform.httpPort}\r\nConnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1.1 40[04]/, path);
    }
  });

  it("what could be read in two ways is refused (smuggling)", async () => {
    const host = `Host: 127.0.0.1:${platform.httpPort}\r\n`;
    for (const head of [
      `POST /api/v1/login HTTP/1.1\r\n${host}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`,
      `POST /api/v1/login HTTP/1.1\r\n${host}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
      `POST /api/v1/login HTTP/1.1\r\n${host}Content-Length : 2\r\n\r\n{}`,
      `POST /api/v1/login HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`,
      `GET / HTTP/1.1\r\n${host}X: a\r\n folded\r\n\r\n`,
      `GET / HTTP/1.1\r\n${host}X: ${"a".repeat(70_000)}\r\n\r\n`,
      `GET /${"a".repeat(10_000)} HTTP/1.1\r\n${host}\r\n`,
    ]) {
      const answer = await raw(platform.httpPort, head);
      assert.match(answer, /^HTTP\/1.1 4\d\d/, head.slice(0, 90));
    }
  });

  it("changes, lists and removes; metrics and events are empty lists", async () => {
    const changed = await platform.call("PATCH", `${devices}/000001`, { city: "Bern", lat: 46.9 }, admin);
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    assert.equal(changed.body.data.device.city, "Bern");
    assert.equal(changed.body.data.device.description, "press");
    const events = await platform.call("GET", `${devices}/000001/events`, undefined, admin);
    assert.ok(Array.isArray(events.body.data.events), JSON.stringify(events.body));
    const metrics = await platform.call("GET", `${devices}/000001/metrics`, undefined, admin);
    assert.deepEqual(metrics.body.data.metrics, []);
    assert.equal((await platform.call("GET", `${devices}/000404`, undefined, admin)).status, 404);
    assert.equal((await platform.call("DELETE", `${devices}/000010`, undefined, admin)).status, 200);
    assert.equal((await platform.call("GET", `${devices}/000010`, undefined, admin)).status, 404);
  });

  it("a replaced secret ends the old one", async () => {
    const replaced = await platform.call("POST", `${devices}/000001/secret`, {}, admin);
    assert.equal(replaced.status, 200, JSON.stringify(replaced.body));
    const first = replaced.body.data.device_secret;
    const second = (await platform.call("POST", `${devices}/000001/secret`, {}, admin)).body.data.device_secret;
    const client = new IngestClient(platform.hub);
    assert.ok((await client.token(tenant, "000001", first)).error);
    assert.ok((await client.token(tenant, "000001", second)).token);
    client.close();
  });

  it("the documented token call answers for the right secret", async () => {
    const secret = (await platform.call("POST", `${devices}/000001/secret`, {}, admin)).body.data.device_secret;
    const good = await platform.call("POST", "/api/v1/token", {
      tenant_identifier: tenant,
      device_identifier: "000001",
      device_secret: secret,
    });
    assert.equal(good.status, 200, JSON.stringify(good.body));
    const bad = await platform.call("POST", "/api/v1/token", {
      tenant_identifier: tenant,
      device_identifier: "000001",
      device_secret: "wrong",
    });
    assert.equal(bad.status, 401);
  });

  it("our agents connect with their token, and as themselves only", async () => {
    const secret = (await platform.call("POST", `${devices}/000001/secret`, {}, admin)).body.data.device_secret;
    const client = new IngestClient(platform.hub);
    const { token } = await client.token(tenant, "000001", secret);
    client.close();
    const url = `${platform.api.replace("http", "ws")}/ws/v1/tenants/devices`;
    const open = (headers, as) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url, { headers });
        const seen = [];
        socket.on("message", (data) => seen.push(JSON.parse(data)));
        socket.on("open", () =>
          socket.send(
            JSON.stringify({ message_type: "connect", tenant_identifier: tenant, device_identifier: as }),
          ),
        );
        const wait = setInterval(() => {
          const ack = seen.find((m) => m.message_type === "connect_ack");
          if (ack) {
            clearInterval(wait);
            resolve({ socket, ack, seen });
          }
        }, 10);
        for (const end of ["close", "error"]) {
          socket.on(end, (code) => {
            clearInterval(wait);
            resolve({ closed: code });
          });
        }
      });
    const bearer = { authorization: `Bearer ${token}` };
    const nobody = await open({}, "000001");
    assert.ok(nobody.closed || nobody.ack.status !== "success");
    const forged = await open(bearer, "000002");
    assert.ok(forged.closed || forged.ack.status !== "success");
    const evil = await open({ ...bearer, origin: "https://evil.example" }, "000001");
    assert.ok(evil.closed);

    const mine = await open(bearer, "000001");
    assert.equal(mine.ack.status, "success");
    const silent = platform.call("POST", "/api/v1/tenants/devices/command", {
      tenant_identifier: tenant,
      device_identifier: "000001",
      command: "get_connection_state",
    }, admin);
    const command = await until("the command", () => mine.seen.find((m) => m.command === "get_connection_state"));
    mine.socket.send(
      JSON.stringify({ message_type: "command_response", status: "success", message: "here", message_id: command.message_id, data: null, timestamp: "2026-01-01T00:00:00" }),
    );
    assert.match((await silent).body.message, /here/);
    const second = await open(bearer, "000001");
    assert.equal(second.ack.status, "success");
    await until("the first connection to be closed", () => mine.socket.readyState === WebSocket.CLOSED);
    second.socket.close();
  });

  it("a device that does not answer is said so after 30 s", { timeout: 60_000 }, async () => {
    const secret = (await platform.call("POST", `${devices}/000001/secret`, {}, admin)).body.data.device_secret;
    const client = new IngestClient(platform.hub);
    const { token } = await client.token(tenant, "000001", secret);
    client.close();
    const socket = new WebSocket(`${platform.api.replace("http", "ws")}/ws/v1/tenants/devices`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send(JSON.stringify({ message_type: "connect", tenant_identifier: tenant, device_identifier: "000001" }));
    await new Promise((resolve) => socket.once("message", resolve));
    const started = Date.now();
    const answer = await platform.call("POST", "/api/v1/tenants/devices/command", {
      tenant_identifier: tenant,
      device_identifier: "000001",
      command: "get_connection_state",
    }, admin);
    assert.equal(answer.body.status, "error");
    assert.match(answer.body.message, /did not answer/);
    assert.ok(Date.now() - started > 25_000);
    socket.close();
  });

  it("login is limited, logout ends the session", async () => {
    for (let i = 0; i < 5; i++) {
      refused(await platform.call("POST", "/api/v1/login", { user: "ghost", password: "x" }), 401, /wrong/);
    }
    refused(await platform.call("POST", "/api/v1/login", { user: "ghost", password: "x" }), 429, /wait/);
    const session = await platform.login("engineer");
    const who = await platform.call("GET", "/api/v1/session", undefined, session);
    assert.equal(who.status, 200);
    assert.match(JSON.stringify(who.body), /engineer/);
    assert.equal((await platform.call("POST", "/api/v1/logout", {}, session)).status, 200);
    assert.equal((await platform.call("GET", devices, undefined, session)).status, 401);
  });

  it("tells its health, its counters and its API", async () => {
    assert.equal((await platform.call("GET", "/healthz")).status, 200);
    assert.equal((await platform.call("GET", "/readyz")).status, 200);
    const metrics = await platform.call("GET", "/metrics");
    assert.match(metrics.headers.get("content-type"), /text\/plain; version=0.0.4/);
    for (const name of ["millwright_http_", "millwright_grpc_", "samples"]) assert.match(metrics.body, new RegExp(name));
    const openapi = await platform.call("GET", "/api/openapi.json");
    assert.match(openapi.body.openapi, /^3\.1/);
    for (const path of ["/api/v1/tenants/devices/register", "/api/v1/tenants/{tenant}/devices", "/api/v1/login"]) {
      assert.ok(openapi.body.paths[path], path);
    }
    assert.match((await platform.call("GET", "/api/docs")).body, /<html/i);
    const file = join(platform.folder, "openapi.json");
    writeFileSync(file, JSON.stringify(openapi.body));
    execFileSync(process.execPath, [join(root, "tests/e2e/node_modules/@redocly/cli/bin/cli.js"), "lint", file, "--extends=minimal"], {
      env: { ...process.env, REDOCLY_TELEMETRY: "off" },
    });
  });

  it("serves the web app compressed, with an ETag and a strict policy", async () => {
    const page = await fetch(platform.api, { headers: { accept: "text/html" } });
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-security-policy"), /default-src 'none'/);
    assert.equal(page.headers.get("x-content-type-options"), "nosniff");
    const html = await page.text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)[1];
    const asset = await fetch(platform.api + script, { headers: { "accept-encoding": "gzip" } });
    assert.equal(asset.headers.get("content-encoding"), "gzip");
    assert.match(asset.headers.get("cache-control"), /immutable/);
    await asset.arrayBuffer();
    const etag = page.headers.get("etag");
    const unchanged = await fetch(platform.api, { headers: { accept: "text/html", "if-none-match": etag } });
    assert.equal(unchanged.status, 304);
    const deep = await fetch(`${platform.api}/devices/000001`, { headers: { accept: "text/html" } });
    assert.equal(deep.status, 200);
    await deep.text();
  });
});

/** Sends bytes, answers what comes back until the server closes or 5 s have passed. */
function raw(port, bytes) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    let answer = "";
    const end = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("data", (data) => {
      answer += data;
      if (answer.includes("\r\n\r\n")) end();
    });
    socket.on("close", end);
    socket.on("error", end);
    setTimeout(end, 5000);
  });
}
