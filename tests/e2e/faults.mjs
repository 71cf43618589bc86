// Disks whose power can be cut, disks that fill up, and a kernel that answers with errors: real file systems in a
// file, a small tmpfs, and strace. All need root; the probes say what is missing.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { until } from "./harness.mjs";

const diskMib = 512; // mkfs.xfs makes none below 300 MiB

function run(...command) {
  try {
    return execFileSync(command[0], command.slice(1), { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const reason = error.code === "ENOENT" ? "not installed" : (error.stderr?.trim() ?? error.message);
    throw new Error(`${command.join(" ")}: ${reason}`);
  }
}

/** Tries `make`, removes what it made, and answers why it could not, or false. */
function whyNot(make) {
  if (process.getuid() !== 0) return "needs root";
  try {
    make().remove();
    return false;
  } catch (error) {
    return error.message;
  }
}

/**
 * A file system (xfs or ext4) in a file behind a loop device. cut() is what a power cut leaves: what the file system
 * has not written to its device is gone, its log is not flushed, every call fails from then on. revive() mounts it
 * again, which replays the log. The device itself keeps all that it was given, in order: a drive that lies about its
 * cache is not simulated.
 */
export class CuttableDisk {
  static whyNot = (kind) => whyNot(() => new CuttableDisk(kind));

  constructor(kind) {
    this.folder = mkdtempSync(join(tmpdir(), "millwright-disk-"));
    this.mount = join(this.folder, "mount");
    mkdirSync(this.mount);
    try {
      const image = join(this.folder, "image");
      writeFileSync(image, "");
      truncateSync(image, diskMib << 20);
      run(`mkfs.${kind}`, "-q", image);
      run("xfs_io", "-V"); // of xfsprogs, for cut()
      this.device = run("losetup", "-f", "--show", image).trim();
      run("mount", this.device, this.mount);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  cut() {
    run("xfs_io", "-x", "-c", "shutdown", this.mount);
  }

  /** After the processes that had files open there have ended. */
  async revive() {
    await until("the cut disk to be free", () => run("umount", this.mount) === "", { timeoutMs: 10_000 });
    run("mount", this.device, this.mount);
  }

  remove() {
    for (const undo of [["umount", "-l", this.mount], ["losetup", "-d", this.device]]) {
      try {
        run(...undo);
      } catch {
        // it was not made
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A tmpfs of so many MiB, and what takes its room away. */
export class SmallDisk {
  static whyNot = () => whyNot(() => new SmallDisk(1));

  constructor(mib) {
    this.mount = mkdtempSync(join(tmpdir(), "millwright-small-"));
    run("mount", "-t", "tmpfs", "-o", `size=${mib}m`, "tmpfs", this.mount);
  }

  get freeBytes() {
    const { bavail, bsize } = statfsSync(this.mount);
    return bavail * bsize;
  }

  /** Takes all but so many bytes, as much as others leave meanwhile. */
  fill(leave = 0) {
    try {
      writeFileSync(join(this.mount, "ballast"), Buffer.alloc(Math.max(0, this.freeBytes - leave)));
    } catch (error) {
      if (error.code !== "ENOSPC") throw error;
    }
  }

  clear() {
    rmSync(join(this.mount, "ballast"), { force: true });
  }

  remove() {
    run("umount", "-l", this.mount);
    rmSync(this.mount, { recursive: true, force: true });
  }
}

/**
 * Makes system calls of a running process fail: `calls` as strace names them, `what` such as "error=EIO:when=3+",
 * counted in each thread from now on, only for `path` where it is given.
 */
export class KernelErrors {
  static whyNot() {
    if (process.getuid() !== 0) return "needs root";
    try {
      run("strace", "-o", "/dev/null", "-e", "inject=fdatasync:error=EIO", "true");
      return false;
    } catch (error) {
      return error.message;
    }
  }

  static async attach(pid, calls, what, path) {
    const errors = new KernelErrors();
    errors.log = join(mkdtempSync(join(tmpdir(), "millwright-strace-")), "log");
    const only = path ? ["-P", path] : [];
    const rule = ["-e", `trace=${calls}`, "-e", `inject=${calls}:${what}`];
    errors.strace = spawn("strace", ["-f", "-p", String(pid), ...rule, ...only, "-o", errors.log], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    errors.strace.stderr.on("data", (text) => (said += text));
    errors.ended = new Promise((resolve) => errors.strace.once("exit", resolve));
    await until(`strace to attach (it said: ${said})`, () => /attached/.test(said), { everyMs: 5 });
    return errors;
  }

  /** How many calls have failed. */
  get struck() {
    return (readFileSync(this.log, "utf8").match(/\(INJECTED\)/g) ?? []).length;
  }

  /** The kernel answers truly again. */
  async detach() {
    if (this.strace.exitCode !== null || this.strace.signalCode !== null) return;
    this.strace.kill("SIGTERM");
    await this.ended;
    rmSync(dirname(this.log), { recursive: true, force: true });
  }
}
