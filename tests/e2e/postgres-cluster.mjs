// A throw-away PostgreSQL server of Debian's packages, for end-to-end tests.
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { freePort, temporaryFolder } from "./harness.mjs";

const root = "/usr/lib/postgresql";
const version = existsSync(root)
  ? readdirSync(root)
      .filter((name) => existsSync(join(root, name, "bin/initdb")))
      .sort((a, b) => b - a)[0]
  : undefined;

/** Why there can be no server; undefined where there can. */
export const noPostgres = version ? undefined : "PostgreSQL is not installed";

export class PostgresCluster {
  static async start() {
    const cluster = new PostgresCluster();
    cluster.folder = temporaryFolder();
    cluster.port = await freePort();
    cluster.isRoot = process.getuid() === 0;
    if (cluster.isRoot) {
      const id = (flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
      chownSync(cluster.folder, id("-u"), id("-g"));
    }
    cluster.run("initdb", "-D", cluster.data, "-U", "postgres", "--auth=trust", "--locale=C.UTF-8");
    const options = `-p ${cluster.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${cluster.folder}`;
    cluster.control("-l", join(cluster.folder, "log"), "-o", options, "-w", "start");
    return cluster;
  }

  get data() {
    return join(this.folder, "data");
  }

  url(database) {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`;
  }

  /** The answer to a query of one number. */
  integer(database, sql) {
    const psql = join(root, version, "bin/psql");
    return Number(execFileSync(psql, ["-XAtc", sql, this.url(database)], { encoding: "utf8" }));
  }

  /** Keeps a database as it is now, for restore(). */
  dump(database) {
    this.run("pg_dump", "-Fc", "-f", join(this.folder, database), this.url(database));
  }

  /** Puts the database back under those who use it, as docs/operations.md says. */
  restore(database) {
    const sql = (text) => this.run("psql", "-c", text, this.url("postgres"));
    sql(`CREATE DATABASE restored`);
    this.run("pg_restore", "-d", this.url("restored"), join(this.folder, database));
    sql(`DROP DATABASE "${database}" WITH (FORCE)`);
    sql(`ALTER DATABASE restored RENAME TO "${database}"`);
  }

  stop() {
    this.control("-m", "immediate", "stop");
  }

  control(...args) {
    this.run("pg_ctl", "-D", this.data, ...args);
  }

  run(program, ...args) {
    const command = [join(root, version, "bin", program), ...args];
    const asPostgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
    const [first, ...rest] = this.isRoot ? [...asPostgres, ...command] : command;
    execFileSync(first, rest, { stdio: "ignore", cwd: "/" });
  }
}
