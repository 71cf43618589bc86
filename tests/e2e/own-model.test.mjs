// The example of a model of one's own: its script goes the whole path in a fresh data folder.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { root, temporaryFolder } from "./harness.mjs";

const bin = join(root, process.env.MILLWRIGHT_BUILD ?? "build/release", "bin");

describe("a model of one's own", () => {
  const folder = temporaryFolder();
  after(() => rmSync(folder, { recursive: true }));

  it("is trained, judged, promoted and rolled back by the example's script", () => {
    const output = execFileSync(join(root, "examples/own_model/run"), [folder], {
      encoding: "utf8",
      env: { ...process.env, MILLWRIGHT_BIN: bin },
    });
    const [, error, guess] = output.match(/error ([\d.]+) cycles \(a constant guess: ([\d.]+)\)/);
    assert.ok(Number(error) < Number(guess) / 2, `${error} of ${guess}`);
    const list = execFileSync(join(bin, "millwright"), ["model", "list", "--registry", join(folder, "registry")], {
      encoding: "utf8",
    });
    assert.match(list, /pump_life\t1\tlive/);
    assert.match(list, /pump_life\t2\tnone/);
  });

  it("a table with a broken row is refused by its line", () => {
    const table = join(folder, "broken.csv");
    writeFileSync(table, "unit,cycle,vibration\n1,1,0.5\n1,2,loud\n");
    const answer = spawnSync(join(bin, "own_model"), [table, join(folder, "none"), "x"], { encoding: "utf8" });
    assert.equal(answer.status, 1);
    assert.match(answer.stderr, /broken\.csv' line 3/);
  });
});
