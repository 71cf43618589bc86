// Producers that keep a whole hub busy over gRPC and know what they were told: every acknowledged sample must be
// there once, with the same bits, and nothing that was not sent.
import assert from "node:assert/strict";
import { millwright, sleep, tenant, until } from "./harness.mjs";
import { IngestClient, Lineage, dictionary, scalars } from "./ingest-client.mjs";

const metrics = ["raw", "rounded"];
const recordsABatch = 4;
const samplesARecord = 150;
const batchesInFlight = 6;
const stepUs = 10_000;
const answerPoints = 150_000; // the API's limit is 200,000

/** One device that sends as fast as it is acknowledged, and connects again whenever its stream ends. */
class Producer {
  constructor(platform, device, next) {
    Object.assign(this, { platform, device, next });
    this.lineage = new Lineage().add(...metrics.map((metric, i) => dictionary(i + 1, device, metric)));
    this.samples = [[], []]; // by record, from record 3 on: those before it name the metrics
    this.atUs = (Date.now() - 30 * 86_400_000) * 1000;
    this.beganUs = this.atUs;
    this.acknowledged = 0;
    this.problems = []; // how streams ended
    this.checked = 2;
  }

  async register() {
    this.secret = await this.platform.register(this.device, { timezone: "UTC" });
  }

  #addRecord() {
    const metric = this.lineage.records.length % metrics.length;
    const samples = Array.from({ length: samplesARecord }, () => {
      this.atUs += stepUs;
      const value = (this.next() + this.next() / 2 ** 31) * 1000;
      return [this.atUs, metric === 0 ? value : Math.round(value * 100) / 100];
    });
    this.samples.push(samples);
    this.lineage.add(scalars(metric + 1, samples));
  }

  start() {
    this.isStopping = false;
    this.running = this.#run();
  }
  async stop() {
    this.isStopping = true;
    await this.running;
    if (this.violation) throw this.violation;
  }

  async #run() {
    while (!this.isStopping) {
      const client = new IngestClient(this.platform.hub);
      try {
        const stream = await this.#connect(client);
        if (stream) await this.#send(stream);
      } catch (error) {
        if (error instanceof assert.AssertionError) {
          this.violation = error;
          return;
        }
        this.problems.push({ code: -1, message: error.message });
      } finally {
        client.close();
      }
      await sleep(20);
    }
  }

  /** A stream after its Welcome, which must know all that was acknowledged and nothing else. */
  async #connect(client) {
    const answer = await client.token(tenant, this.device, this.secret);
    if (answer.error) {
      this.problems.push(answer.error);
      return undefined;
    }
    const stream = client.stream(answer.token);
    const welcome = await stream.hello([this.lineage.offer(this.acknowledged)]).catch((error) => {
      this.problems.push(stream.end ?? { code: -1, message: error.message });
    });
    if (!welcome) return undefined;
    const { watermark, chain, forked } = welcome.epochs[0];
    const stored = Number(watermark);
    assert.ok(!forked, `${this.device}: the hub has another past`);
    assert.ok(
      stored >= this.acknowledged,
      `${this.device}: record ${this.acknowledged} was acknowledged, the hub knows ${stored}`,
    );
    assert.ok(stored < this.lineage.nextSeq, `${this.device}: the hub knows records that were not sent`);
    assert.equal(BigInt(chain), this.lineage.chains[stored], `${this.device}: other records than were sent`);
    this.acknowledged = stored;
    return stream;
  }

  async #send(stream) {
    let sent = this.acknowledged;
    while (!this.isStopping) {
      while (sent - this.acknowledged < batchesInFlight * recordsABatch) {
        while (this.lineage.records.length < sent + recordsABatch) this.#addRecord();
        stream.send(this.lineage.batch(sent + 1, sent + recordsABatch));
        sent += recordsABatch;
      }
      try {
        this.acknowledged = Math.max(this.acknowledged, Number((await stream.next("ack")).watermark));
      } catch (error) {
        this.problems.push(stream.end ?? { code: -1, message: error.message });
        return;
      }
    }
    await stream.finish();
  }

  /** Asks the hub how far it has come, and compares what is stored with what was sent. */
  async check(from = this.checked) {
    const client = new IngestClient(this.platform.hub);
    const stream = await this.#connect(client);
    assert.ok(stream, `${this.device}: no stream: ${JSON.stringify(this.problems.at(-1))}`);
    await stream.finish();
    client.close();
    const end = this.acknowledged;
    const most = Math.floor(answerPoints / samplesARecord);
    for (let begin = from; begin < end; begin += most) await this.#compare(begin, Math.min(begin + most, end));
    this.checked = Math.max(end, 2);
    await this.#expectNothingBehind(end);
  }

  /** Samples of the records begin + 1 to end. */
  async #compare(begin, end) {
    const expected = metrics.map(() => []);
    for (let seq = begin; seq < end; seq++) expected[seq % metrics.length].push(...this.samples[seq]);
    const all = expected.flat();
    if (all.length === 0) return;
    const times = all.map(([at]) => at);
    const got = await this.read(times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b)) + 1);
    metrics.forEach((metric, i) => {
      const stored = got.get(metric) ?? [];
      const where = `${this.device} ${metric}, records ${begin + 1} to ${end}`;
      assert.equal(stored.length, expected[i].length, `${where}: number of samples`);
      expected[i].forEach(([at, value], n) => {
        assert.equal(stored[n].at, at, `${where}: time of sample ${n}`);
        assert.ok(Object.is(stored[n].value, value), `${where}: sample ${n} is ${stored[n].value}, not ${value}`);
      });
    });
  }

  async #expectNothingBehind(end) {
    if (end < 2) return;
    const last = end === 2 ? this.beganUs : this.samples[end - 1].at(-1)[0];
    const got = await this.read(last + 1, this.atUs + stepUs);
    for (const [metric, samples] of got) {
      assert.equal(samples.length, 0, `${this.device} ${metric}: samples behind record ${end}`);
    }
  }

  /** What is stored in a range of microseconds, oldest first, by metric. */
  async read(fromUs, toUs) {
    const { numericScalar } = await this.platform.query(
      `query($b: NumericScalarInput!) { numericScalar(body: $b) { metricIdentifier values { value timestampLocal } } }`,
      {
        b: {
          tenantIdentifier: tenant,
          deviceIdentifier: this.device,
          start: isoMicros(fromUs),
          end: isoMicros(toUs),
        },
      },
    );
    return new Map(
      numericScalar.map(({ metricIdentifier, values }) => [
        metricIdentifier,
        values.map((v) => ({ at: micros(v.timestampLocal), value: v.value })).reverse(),
      ]),
    );
  }
}

const isoMicros = (us) =>
  new Date(Math.floor(us / 1000)).toISOString().slice(0, -1) + String(us % 1000).padStart(3, "0") + "Z";

/** Of an ISO 8601 time with an offset, to the microsecond. */
function micros(text) {
  const [, whole, fraction = "", zone] = /^(.{19})(?:\.(\d+))?(.*)$/.exec(text);
  return Date.parse(whole + zone) * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}

/** Several producers at once. */
export class Load {
  constructor(platform, next, devices = ["000011", "000012", "000013"]) {
    this.producers = devices.map((device) => new Producer(platform, device, next));
  }

  async register() {
    for (const producer of this.producers) await producer.register();
  }
  start() {
    for (const producer of this.producers) producer.start();
  }
  async stop() {
    for (const producer of this.producers) await producer.stop();
  }

  get acknowledged() {
    return this.producers.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }
  get samples() {
    return (this.acknowledged - 2 * this.producers.length) * samplesARecord;
  }

  /** How streams have ended since the last call. */
  takeProblems() {
    return this.producers.flatMap((producer) => producer.problems.splice(0));
  }

  async untilStored(what, records = 50) {
    const before = this.acknowledged;
    await until(what, () => {
      const violated = this.producers.find(({ violation }) => violation);
      return violated || this.acknowledged >= before + records;
    }).catch((error) => {
      throw new Error(`${error.message}; streams ended: ${JSON.stringify(this.takeProblems().slice(-3))}`);
    });
  }

  /** While it is stopped: what is new since the last check, or with `whole` everything. */
  async check({ whole = false } = {}) {
    for (const producer of this.producers) await producer.check(whole ? 2 : undefined);
  }
}

/** `millwright verify` finds nothing; answers how many samples it has read. */
export function verifySound(platform) {
  const report = JSON.parse(millwright("verify", "--tenant", tenant, "--data", platform.data, "--json"));
  assert.ok(report.sound, JSON.stringify(report.damages));
  return report.samples;
}
