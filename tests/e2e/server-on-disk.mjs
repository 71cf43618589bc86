// A server whose data folder lies on a disk that hurts, and producers that keep it busy.
import { join } from "node:path";
import { CuttableDisk } from "./faults.mjs";
import { Platform } from "./harness.mjs";
import { Load } from "./producers.mjs";

export class ServerOnDisk {
  /** `kind`: the file system. */
  static async create(kind, next) {
    const out = new ServerOnDisk();
    try {
      out.disk = new CuttableDisk(kind);
      out.platform = await (await Platform.create({ data: join(out.disk.mount, "data") })).start();
      out.load = new Load(out.platform, next);
      await out.load.register();
    } catch (error) {
      await out.end();
      throw error;
    }
    return out;
  }

  async end() {
    await this.load?.stop().catch(() => {});
    await this.platform?.kill();
    await this.platform?.end();
    this.disk?.remove();
  }
}
