// An agent whose journal lies on a disk that hurts, and a hub beside it that forgets nothing.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { edgeToml, writeRecording } from "./counting.mjs";
import { Edge, freePort, temporaryFolder, until } from "./harness.mjs";
import { RecordingHub } from "./recording-hub.mjs";

export class EdgeOnDisk {
  /** `mount` is where the disk is; `agent` more lines of the configuration's table [agent]. */
  static async create(mount, next, agent = "") {
    const out = new EdgeOnDisk();
    out.folder = temporaryFolder();
    out.hub = new RecordingHub(next);
    const address = `127.0.0.1:${await freePort()}`;
    await out.hub.start(address);
    const recording = join(out.folder, "rows.csv");
    writeRecording(recording, 100_000, 0.001);
    const toml = edgeToml({ hub: address }, "000011", recording).replace(/^(api|claim_file) = .*\n/gm, "");
    out.edge = new Edge(out, "000011", `${toml}loop = true\n[agent]\nflush_interval_ms = 5\n${agent}`);
    out.edge.data = join(mount, "data");
    mkdirSync(out.edge.data);
    writeFileSync(join(out.edge.data, "secret"), "any\n", { mode: 0o600, flush: true });
    return out;
  }

  /** Starts the agent and waits until the hub has heard of so many new records from it. */
  async start(records = 20) {
    const { hellos, records: had } = this.hub;
    this.edge.start();
    await until("records of the agent", () => {
      this.expectRunning();
      return this.hub.hellos > hellos && this.hub.records >= had + records;
    }, { everyMs: 2 });
  }

  async untilMore(records = 20) {
    const had = this.hub.records;
    await until("more records of the agent", () => this.hub.records >= had + records);
  }

  expectRunning() {
    if (this.edge.program.process.exitCode !== null) throw new Error(`the agent ended: ${this.log.slice(-1000)}`);
  }

  get log() {
    return readFileSync(this.edge.program.log, "utf8");
  }

  async end() {
    if (this.edge.program) await this.edge.stop("SIGKILL");
    this.hub.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
