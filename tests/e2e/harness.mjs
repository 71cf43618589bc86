// Starts the real programs on free loopback ports in temporary folders, and talks to them.
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync, openSync, readFileSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const bin = join(root, process.env.MILLWRIGHT_BUILD ?? "build/release", "bin");
export const tenant = "100000";

/** Ports that were handed out: two that are asked for at once must differ. */
const taken = new Set();

export async function freePort() {
  for (;;) {
    const port = await new Promise((resolve, reject) => {
      const probe = createServer();
      probe.once("error", reject);
      probe.listen(0, "127.0.0.1", () => {
        const found = probe.address().port;
        probe.close(() => resolve(found));
      });
    });
    if (!taken.has(port)) {
      taken.add(port);
      return port;
    }
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Polls until `probe` answers something truthy; says what it waited for when it gives up. */
export async function until(what, probe, { timeoutMs = 30_000, everyMs = 50 } = {}) {
  const end = Date.now() + timeoutMs;
  let last;
  while (Date.now() < end) {
    try {
      const value = await probe();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  }
  throw new Error(`waited ${timeoutMs} ms for ${what}${last ? `: ${last.message}` : ""}`);
}

export function temporaryFolder() {
  return mkdtempSync(join(tmpdir(), "millwright-e2e-"));
}

/** Runs `millwright ...` to its end and answers its standard output. */
export function millwright(...args) {
  return execFileSync(join(bin, "millwright"), args, { encoding: "utf8" });
}

export class Program {
  constructor(name, args, log) {
    this.log = log;
    const fd = openSync(log, "a");
    this.process = spawn(join(bin, name), args, { stdio: ["ignore", fd, fd], cwd: root });
    this.exited = new Promise((resolve) =>
      this.process.once("exit", (code, signal) => resolve({ code, signal })),
    );
  }

  get pid() {
    return this.process.pid;
  }

  async stop(signal = "SIGTERM") {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill(signal);
    }
    return this.exited;
  }

  /** Resident memory in MiB. */
  residentMib() {
    const status = readFileSync(`/proc/${this.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
  }
}

/**
 * A server on the embedded store, or on that of `store`; `data` is its data folder where it is not to lie beside the
 * log. Ports and folder stay the same over restarts.
 */
export class Platform {
  static async create({ demo = true, legacy = true, args = [], tenants = [tenant], store, data } = {}) {
    const platform = new Platform();
    platform.folder = temporaryFolder();
    platform.data = data ?? join(platform.folder, "data");
    platform.httpPort = await freePort();
    platform.grpcPort = await freePort();
    platform.api = `http://127.0.0.1:${platform.httpPort}`;
    platform.hub = `127.0.0.1:${platform.grpcPort}`;
    platform.store = store ? ["--store", store] : [];
    platform.options = { demo, legacy, args };
    for (const id of tenants) {
      millwright("tenant", "create", id, "--data", platform.data, ...platform.store);
    }
    return platform;
  }

  /** Gives a platform that has not started a configuration file. */
  configure(toml) {
    const file = join(this.folder, "server.toml");
    writeFileSync(file, toml);
    this.options.args.push("--config", file);
    return this;
  }

  /** Starts the program without waiting for it. */
  launch() {
    const { demo, legacy, args } = this.options;
    this.program = new Program(
      "millwright",
      [
        "serve",
        ...["--data", this.data],
        ...this.store,
        ...["--http", `127.0.0.1:${this.httpPort}`],
        ...["--grpc", this.hub],
        ...["--web", join(root, "web/dist")],
        ...(demo ? ["--demo-tenant", tenant] : []),
        ...(legacy ? ["--legacy-tenant", tenant] : []),
        ...args,
      ],
      join(this.folder, "server.log"),
    );
  }

  get log() {
    return readFileSync(this.program.log, "utf8");
  }

  async start() {
    this.launch();
    await until(`the server (log: ${this.program.log})`, async () => {
      if (this.program.process.exitCode !== null) {
        throw new Error(`it ended: ${this.log.slice(-2000)}`);
      }
      return (await fetch(`${this.api}/readyz`)).ok;
    });
    return this;
  }

  async kill() {
    await this.program.stop("SIGKILL");
  }

  async stop() {
    return this.program.stop();
  }

  /** Stops the server and removes its folder. */
  async end() {
    if (this.program) await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A new user's session: headers that carry the cookie and the CSRF token. */
  async login(role = "administrator", inTenant = tenant) {
    const name = `${role}-${inTenant}-${Math.random().toString(36).slice(2)}`;
    const password = millwright(
      ...["user", "add", name, "--role", role, "--tenant", inTenant, "--data", this.data],
      ...this.store,
    ).trim();
    const answer = await this.call("POST", "/api/v1/login", { user: name, password });
    if (answer.status !== 200) throw new Error(`login: ${JSON.stringify(answer.body)}`);
    return {
      cookie: answer.headers.get("set-cookie").split(";")[0],
      "x-csrf-token": answer.body.csrf_token ?? answer.body.data?.csrf_token,
    };
  }

  claim(inTenant = tenant) {
    return millwright("claim", "create", inTenant, "--data", this.data, ...this.store).trim();
  }

  /** One HTTP call with a JSON body; answers status, headers, parsed body. */
  async call(method, path, body, headers = {}) {
    const response = await fetch(this.api + path, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await response.text();
    let parsed = text;
    try {
      parsed = JSON.parse(text);
    } catch {
      // a page or an empty body: the text itself
    }
    return { status: response.status, headers: response.headers, body: parsed };
  }

  /** A GraphQL query's data; throws where the answer has errors. */
  async query(query, variables = {}, headers = {}) {
    const { body } = await this.call("POST", "/graphql", { query, variables }, headers);
    if (body.errors) throw new Error(JSON.stringify(body.errors));
    return body.data;
  }

  /** Registers a device with a fresh claim; answers its secret. */
  async register(device, extra = {}, inTenant = tenant) {
    const answer = await this.call("POST", "/api/v1/tenants/devices/register", {
      tenant_identifier: inTenant,
      device_identifier: device,
      timezone: "Europe/Zurich",
      description: `device ${device}`,
      claim: this.claim(inTenant),
      ...extra,
    });
    if (answer.status !== 200 || answer.body.status !== "success") {
      throw new Error(`register: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body.data.device_secret;
  }
}

/** Writes an edge agent's configuration and runs it. Folder and settings stay over restarts. */
export class Edge {
  constructor(platform, device, toml) {
    this.folder = join(platform.folder, `edge-${device}`);
    mkdirSync(this.folder, { recursive: true });
    this.config = join(this.folder, "edge.toml");
    this.data = join(this.folder, "data");
    this.toml = toml;
    this.platform = platform;
    this.device = device;
  }

  start() {
    writeFileSync(this.config, this.toml, { mode: 0o600 });
    if (this.platform.claim) this.writeClaim();
    this.program = new Program(
      "millwright-edge",
      ["--config", this.config, "--data", this.data],
      join(this.folder, "edge.log"),
    );
    return this;
  }

  /** A fresh claim, for an agent that the server does not know (any more). */
  writeClaim() {
    writeFileSync(join(this.folder, "claim"), this.platform.claim(), { mode: 0o600 });
  }

  async stop(signal = "SIGTERM") {
    return this.program.stop(signal);
  }
}
