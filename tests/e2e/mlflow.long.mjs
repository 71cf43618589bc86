// Models that Python trained and registered in a real MLflow server, run by numericScalarModel.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Platform, root, tenant, until } from "./harness.mjs";
import { IngestClient, Lineage, dictionary, scalars } from "./ingest-client.mjs";
import { MlflowServer, installMlflow } from "./mlflow-server.mjs";

const device = "000001";
const metrics = ["temperature", "current", "speed"];
const startMs = Date.UTC(2025, 9, 26, 8);
const samples = 64;
const window = 16;
/** The samples at whose time a verdict is asked for. */
const asked = [15, 20, 33, 40, 47, 55, 63];

/** Values that wander over what the models were trained on; exact in decimal. */
const value = (metric, i) => {
  const share = ((i * [37, 53, 29][metrics.indexOf(metric)]) % 101) / 101;
  return Math.round([20 + 70 * share, 12 * share, 3000 * share][metrics.indexOf(metric)] * 100) / 100;
};

/** The rows that the models read at sample i, counted by JavaScript. */
const stateRow = (i) => Object.fromEntries(metrics.map((m) => [m, value(m, i)]));
const lifeRow = (i) => {
  const last = (m) => Array.from({ length: window }, (_, k) => value(m, i - window + 1 + k));
  const t = last("temperature");
  const mean = t.reduce((a, b) => a + b) / window;
  const std = Math.sqrt(t.reduce((a, b) => a + (b - mean) ** 2, 0) / window);
  return { "temperature:mean": mean, "temperature:std": std, "current:max": Math.max(...last("current")), "current:0": last("current")[0] };
};

const missing = await installMlflow();
if (missing) console.log(`# SKIPPED: MLflow cannot be installed: ${missing}`);

describe("models of an MLflow server", { skip: missing ? `MLflow cannot be installed: ${missing}` : false }, () => {
  let platform;
  let mlflow;
  let answers;

  before(async () => {
    platform = await Platform.create();
    mlflow = await (await MlflowServer.create(join(platform.folder, "mlflow"))).start();
    const rows = join(platform.folder, "rows.json");
    const found = join(platform.folder, "answers.json");
    writeFileSync(rows, JSON.stringify({ pump_state: asked.map(stateRow), pump_life: asked.map(lifeRow) }));
    await mlflow.python(join(root, "tests/e2e/mlflow/train.py"), mlflow.url, rows, found);
    answers = JSON.parse(readFileSync(found, "utf8"));

    platform.options.args = ["--mlflow", mlflow.url];
    await platform.start();
    const client = new IngestClient(platform.hub);
    const { token } = await client.token(tenant, device, await platform.register(device));
    const lineage = new Lineage().add(
      ...metrics.map((m, k) => dictionary(k + 1, device, m, { path: "pump" })),
      ...metrics.map((m, k) => scalars(k + 1, Array.from({ length: samples }, (_, i) => [(startMs + i * 1000) * 1000, value(m, i)]))),
    );
    const stream = client.stream(token);
    await stream.hello([lineage.offer()]);
    stream.send(lineage.batch());
    await stream.next("ack");
    await stream.finish();
    client.close();
  });
  after(async () => {
    await mlflow?.stop();
    await platform?.end();
  });

  const ask = (i, name, version, { windowSize = 1, modelType = "XGBOOST" } = {}) =>
    platform.call("POST", "/graphql", {
      query: `query($b: NumericScalarModelInput!) { numericScalarModel(body: $b) { metricIdentifier model { name predicted probability version } } }`,
      variables: {
        b: {
          tenantIdentifier: tenant,
          deviceIdentifier: device,
          start: new Date(startMs).toISOString(),
          end: new Date(startMs + i * 1000).toISOString(),
          path: "pump",
          model: { name, modelType, windowSize, version },
        },
      },
    });
  const verdict = async (...request) => {
    const { body } = await ask(...request);
    assert.ok(!body.errors, JSON.stringify(body.errors));
    assert.equal(body.data.numericScalarModel.length, metrics.length);
    return body.data.numericScalarModel[0].model;
  };
  const refused = async (code, words, ...request) => {
    const [error] = (await ask(...request)).body.errors;
    assert.equal(error.extensions.code, code, error.message);
    assert.match(error.message, words);
  };

  /** Class and probability as Python has them, to 1e-6. */
  const sameClasses = async (name, version, number, classes) => {
    for (const [k, i] of asked.entries()) {
      const shares = answers[`${name}/${number}`][k];
      const best = shares.indexOf(Math.max(...shares));
      const got = await verdict(i, name, version);
      assert.equal(got.version, String(number));
      assert.equal(got.predicted, classes[best], `sample ${i}`);
      assert.ok(Math.abs(got.probability - shares[best]) <= 1e-6, `${got.probability} for ${shares[best]}`);
    }
  };
  const states = ["ok", "warm", "hot"];

  it("a classifier answers as in Python, by its alias and by its number", async () => {
    await sameClasses("pump_state", "live", 2, states);
    await sameClasses("pump_state", "1", 1, states);
    assert.ok(new Set(answers["pump_state/2"].map((s) => s.indexOf(Math.max(...s)))).size > 1, "one class would prove little");
  });

  it("one of two classes, logged without names", () => sameClasses("pump_alarm", "1", 1, ["0", "1"]));

  it("a regression on figures of a window answers as in Python, with its best rounds only", async () => {
    for (const [k, i] of asked.entries()) {
      const got = await verdict(i, "pump_life", "live", { windowSize: window });
      const expected = answers["pump_life/1"][k];
      assert.ok(Math.abs(Number(got.predicted) - expected) <= 1e-5 * Math.abs(expected), `${got.predicted} for ${expected}`);
      assert.equal(got.probability, null);
    }
  });

  it("says what does not fit and never runs a pickle", async () => {
    await refused("failed_precondition", /a pickle, that is code, .*mlflow\.xgboost\.log_model/, 20, "pickled", "1");
    await refused("unimplemented", /pickle is code/, 20, "pickled", "1", { modelType: "SKLEARN" });
    await refused("invalid_argument", /windows of 16 samples/, 20, "pump_life", "live");
    await refused("invalid_argument", /is of modelType XGBOOST/, 20, "pump_state", "live", { modelType: "MILLWRIGHT" });
    await refused("not_found", /no version '9'/, 20, "pump_state", "9");
    await refused("not_found", /./, 20, "fan", "live");
    await refused("not_found", /no live version/, 20, "pump_alarm", "live");
  });

  it("an alias that moves is followed", async () => {
    await mlflow.post("registered-models/alias", { name: "pump_state", alias: "live", version: "1" });
    await until("version 1", async () => (await verdict(20, "pump_state", "live")).version === "1", { timeoutMs: 20_000, everyMs: 500 });
  });

  it("goes on without the server, also after a restart, and says so", async () => {
    await mlflow.stop();
    await platform.stop();
    await platform.start();
    await sameClasses("pump_state", "live", 1, states);
    await sameClasses("pump_state", "2", 2, states);
    await refused("unavailable", /version 7 of model 'pump_state' was never downloaded/, 20, "pump_state", "7");
    assert.match(readFileSync(platform.program.log, "utf8"), /the MLflow server cannot be used; models that were downloaded go on/);
  });
});
