// A real MLflow server, in a virtual environment that is installed into build/ once.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, root, until } from "./harness.mjs";

const run = promisify(execFile);
const venv = join(root, "build/mlflow-venv");
const list = join(root, "tests/e2e/mlflow/requirements.txt");
const python = join(venv, "bin/python");

/** Installs MLflow where it is missing. Answers why it cannot be had, or null. */
export async function installMlflow() {
  const wanted = readFileSync(list, "utf8");
  const stamp = join(venv, "installed.txt");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return null;
  try {
    await run("python3", ["-m", "venv", "--clear", venv]);
    await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", list]);
    writeFileSync(stamp, wanted);
    return null;
  } catch (error) {
    return String(error.stderr || error.message).trim().split("\n").at(-1);
  }
}

export class MlflowServer {
  /** Its data lie in the folder; port and data stay over restarts. */
  static async create(folder) {
    const server = new MlflowServer();
    server.folder = folder;
    mkdirSync(folder, { recursive: true });
    server.port = await freePort();
    server.url = `http://127.0.0.1:${server.port}`;
    return server;
  }

  async start() {
    const log = openSync(join(this.folder, "mlflow.log"), "a");
    const place = ["--backend-store-uri", `sqlite:///${this.folder}/mlflow.db`, "--artifacts-destination", join(this.folder, "artifacts")];
    this.process = spawn(
      join(venv, "bin/mlflow"),
      ["server", "--host", "127.0.0.1", "--port", String(this.port), "--workers", "1", "--serve-artifacts", ...place],
      {
        detached: true, // a group of its own: it starts further processes
        stdio: ["ignore", log, log],
        env: { ...process.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false" },
      },
    );
    this.exited = new Promise((resolve) => this.process.once("exit", resolve));
    await until(`MLflow (log: ${this.folder}/mlflow.log)`, async () => (await fetch(`${this.url}/health`)).ok, { timeoutMs: 120_000, everyMs: 250 });
    return this;
  }

  async stop() {
    if (this.process?.exitCode !== null || this.process.signalCode !== null) return;
    process.kill(-this.process.pid, "SIGKILL");
    await this.exited;
  }

  /** Runs a script of ours with its Python, which has MLflow's client; answers what it prints. */
  async python(script, ...args) {
    const { stdout } = await run(python, [script, ...args], { maxBuffer: 1 << 24, env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: "true" } });
    return stdout;
  }

  async post(call, body) {
    const answer = await fetch(`${this.url}/api/2.0/mlflow/${call}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${call}: ${answer.status} ${await answer.text()}`);
  }
}
