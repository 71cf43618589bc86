// millwright.ingest.v1 over a real connection, by a client that shares no code with the server.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import grpc from "@grpc/grpc-js";
import { Platform, tenant, until } from "./harness.mjs";
import { IngestClient, Lineage, dictionary, newEpoch, scalars, text, waveform } from "./ingest-client.mjs";

const other = "100001";
const nowUs = () => Date.now() * 1000;

describe("the ingest stream", () => {
  let platform;
  let client;
  let secret;
  let token;
  let number = 0;
  let metric;

  before(async () => {
    platform = await (await Platform.create({ tenants: [tenant, other] })).start();
    client = new IngestClient(platform.hub);
    secret = await platform.register("000001");
    await platform.register("000002");
    token = (await client.token(tenant, "000001", secret)).token;
    assert.ok(token);
  });
  after(async () => {
    client?.close();
    await platform?.end();
  });
  beforeEach(() => {
    metric = `test.m${++number}`; // a metric of its own for each test
  });

  const open = async (lineage, acknowledged = 0) => {
    const stream = client.stream(token);
    const welcome = await stream.hello([lineage.offer(acknowledged)]);
    return { stream, welcome };
  };

  /** All stored [timestampLocal, value] of a metric, oldest first. */
  const stored = async (name = metric) => {
    const { numericScalar } = await platform.query(
      `query($b: NumericScalarInput!) { numericScalar(body: $b) { values { value timestampLocal } } }`,
      {
        b: {
          tenantIdentifier: tenant,
          deviceIdentifier: "000001",
          metricIdentifier: [name],
          start: "2000-01-01",
          end: "2100-01-01",
        },
      },
    );
    return (numericScalar[0]?.values ?? []).map((v) => v.value).reverse();
  };

  it("gives a token for the right secret only", async () => {
    for (const [t, d, s, code] of [
      [tenant, "000001", "wrong", grpc.status.UNAUTHENTICATED],
      [tenant, "000002", secret, grpc.status.UNAUTHENTICATED],
      [other, "000001", secret, grpc.status.UNAUTHENTICATED],
      ["", "000001", secret, grpc.status.INVALID_ARGUMENT],
      [tenant, "0/0001", secret, grpc.status.INVALID_ARGUMENT],
    ]) {
      const answer = await client.token(t, d, s);
      assert.ok([code, grpc.status.UNAUTHENTICATED].includes(answer.error?.code), JSON.stringify(answer));
    }
  });

  it("stores a batch, acknowledges it, and knows it when it comes again", async () => {
    const lineage = new Lineage().add(
      dictionary(1, "000001", metric),
      scalars(1, [[nowUs() - 2_000_000, 1.5], [nowUs() - 1_000_000, 2.5]]),
    );
    const { stream, welcome } = await open(lineage);
    assert.equal(welcome.epochs[0].known, false);
    stream.send(lineage.batch());
    assert.equal((await stream.next("ack")).watermark, "2");
    assert.deepEqual(await stored(), [1.5, 2.5]);
    stream.send(lineage.batch());
    assert.equal((await stream.next("ack")).watermark, "2");
    assert.deepEqual(await stored(), [1.5, 2.5]);
    await stream.finish();

    const again = await open(lineage, 2);
    assert.equal(again.welcome.epochs[0].known, true);
    assert.equal(again.welcome.epochs[0].watermark, "2");
    assert.equal(again.welcome.epochs[0].chain, lineage.chains[2].toString());
    await again.stream.finish();
  });

  it("drops the known head of an overlapping batch and applies the rest", async () => {
    const at = nowUs() - 10_000_000;
    const lineage = new Lineage().add(dictionary(1, "000001", metric), scalars(1, [[at, 1]]));
    const { stream } = await open(lineage);
    stream.send(lineage.batch());
    await stream.next("ack");
    lineage.add(scalars(1, [[at + 1_000_000, 2]]), scalars(1, [[at + 2_000_000, 3]]));
    stream.send(lineage.batch(2, 4));
    assert.equal((await stream.next("ack")).watermark, "4");
    assert.deepEqual(await stored(), [1, 2, 3]);
    await stream.finish();
  });

  it("answers a jump with the number that it expects", async () => {
    const lineage = new Lineage().add(
      dictionary(1, "000001", metric),
      scalars(1, [[nowUs(), 1]]),
      scalars(1, [[nowUs(), 2]]),
    );
    const { stream } = await open(lineage);
    stream.send(lineage.batch(3, 3));
    assert.equal((await stream.next("nack")).expected, "1");
    stream.send(lineage.batch());
    assert.equal((await stream.next("ack")).watermark, "3");
    await stream.finish();
  });

  it("takes a declared gap and shows it as an event", async () => {
    const lineage = new Lineage().add(dictionary(1, "000001", metric), scalars(1, [[nowUs(), 1]]));
    const { stream } = await open(lineage);
    stream.send(lineage.batch());
    await stream.next("ack");
    stream.send({
      gap: {
        stream_class: "STREAM_CLASS_TELEMETRY",
        epoch: lineage.epoch,
        from_seq: 3,
        to_seq: 7,
        reason: "journal_full",
        sample_count: 50,
        chain_end: "99",
      },
    });
    assert.equal((await stream.next("ack")).watermark, "7");
    await until("the gap's event", async () => {
      const { events } = await platform.query(
        `{ events(tenantIdentifier: "${tenant}", deviceIdentifier: "000001", start: "2020-01-01", end: "2100-01-01") { kind message } }`,
      );
      return events.some((e) => e.kind === "gap" && /journal_full/.test(e.message));
    });
    await stream.finish();
  });

  it("refuses bad samples one by one and repeats the reasons", async () => {
    const at = nowUs() - 60_000_000;
    const lineage = new Lineage().add(
      dictionary(1, "000001", metric),
      scalars(1, [
        [at, 1],
        [at + 1, NaN],
        [at + 2, Infinity],
        [-5, 4],
        [nowUs() + 3_600_000_000, 5],
        [at + 5, 6],
      ]),
      text(1, at, "hello"),
      scalars(77, [[at, 1]]),
    );
    const { stream } = await open(lineage);
    for (const round of [1, 2]) {
      stream.send(lineage.batch());
      const ack = await stream.next("ack");
      assert.equal(ack.watermark, "4");
      const codes = Object.fromEntries(
        ack.refusals.flatMap((r) => r.samples.map((s) => [`${r.seq}/${s.index}`, s.code])),
      );
      assert.equal(codes["2/1"], "not_finite", `round ${round}: ${JSON.stringify(codes)}`);
      assert.equal(codes["2/2"], "not_finite");
      assert.equal(codes["2/3"], "before_1970");
      assert.match(codes["2/4"], /future/);
      assert.equal(codes["3/0"], "unsupported_kind");
      assert.equal(codes["4/0"], "unknown_metric");
    }
    assert.deepEqual(await stored(), [1, 6]);
    await stream.finish();
  });

  it("refuses a dictionary entry of another device, and its samples only", async () => {
    const lineage = new Lineage().add(
      dictionary(1, "000002", metric),
      dictionary(2, "000001", metric),
      dictionary(3, "000001", "bad..name"),
      scalars(1, [[nowUs(), 1]]),
      scalars(2, [[nowUs(), 2]]),
      scalars(3, [[nowUs(), 3]]),
    );
    const { stream } = await open(lineage);
    stream.send(lineage.batch());
    const ack = await stream.next("ack");
    assert.equal(ack.watermark, "6");
    assert.ok(ack.refusals.some((r) => r.seq === "4"));
    assert.ok(!ack.refusals.some((r) => r.seq === "5"));
    assert.ok(ack.refusals.some((r) => r.seq === "6"));
    assert.deepEqual(await stored(), [2]);
    await stream.finish();
  });

  it("quarantines a record that cannot be read and goes on", async () => {
    const lineage = new Lineage().add(
      dictionary(1, "000001", metric),
      Buffer.from([0xff, 0xff, 0xff]),
      scalars(1, [[nowUs(), 4]]),
    );
    const { stream } = await open(lineage);
    stream.send(lineage.batch());
    assert.equal((await stream.next("quarantined")).seq, "2");
    assert.equal((await stream.next("ack")).watermark, "3");
    assert.deepEqual(await stored(), [4]);
    await stream.finish();
  });

  it("keeps waveforms as blocks and shows them as samples", async () => {
    const start = nowUs() - 5_000_000;
    const lineage = new Lineage().add(
      dictionary(1, "000001", metric, { type: 2, unit: "mm" }),
      waveform(1, start, 5000, [0, 0.5, -0.5, 0.25]),
    );
    const { stream } = await open(lineage);
    stream.send(lineage.batch());
    await stream.next("ack");
    assert.deepEqual(await stored(), [0, 0.5, -0.5, 0.25]);
    const { metrics } = await platform.query(
      `{ metrics(tenantIdentifier: "${tenant}", deviceIdentifier: "000001") { metricIdentifier metricType sampleRateHz unit } }`,
    );
    const found = metrics.find((m) => m.metricIdentifier === metric);
    assert.deepEqual(
      { ...found, metricIdentifier: undefined },
      { metricType: "WAVEFORM", sampleRateHz: 5000, unit: "mm", metricIdentifier: undefined },
    );
    await stream.finish();
  });

  it("replaces the value at a timestamp: the last commit wins", async () => {
    const at = nowUs() - 30_000_000;
    const lineage = new Lineage().add(
      dictionary(1, "000001", metric),
      scalars(1, [[at, 1], [at + 1_000_000, 2]]),
      scalars(1, [[at, 10]]),
    );
    const { stream } = await open(lineage);
    stream.send(lineage.batch());
    await stream.next("ack");
    assert.deepEqual(await stored(), [10, 2]);
    await stream.finish();
  });

  it("closes what breaks the protocol, with a code and a sentence", async () => {
    const lineage = new Lineage().add(dictionary(1, "000001", metric));
    const wrongCrc = lineage.batch();
    wrongCrc.batch.crc32c ^= 1;
    const zero = lineage.batch();
    zero.batch.base_seq = 0;
    const overflow = lineage.batch();
    overflow.batch.base_seq = "18446744073709551615";
    const empty = lineage.batch();
    empty.batch.records = [];
    for (const [name, message] of Object.entries({ wrongCrc, zero, overflow, empty })) {
      const { stream } = await open(lineage);
      stream.send(message);
      const outcome = await Promise.race([
        stream.ended,
        stream.next("nack").catch(() => stream.ended),
      ]);
      assert.ok(outcome.code > 0 || outcome.expected, `${name}: ${JSON.stringify(outcome)}`);
      stream.call.cancel();
    }
    const first = client.stream(token);
    first.send(lineage.batch());
    assert.notEqual((await first.ended).code, grpc.status.OK);
  });

  it("takes no stream without a valid token, and fences the older of two", async () => {
    for (const bad of [undefined, "", "abc", `${token.slice(0, -2)}xx`]) {
      const stream = client.stream(bad);
      stream.send({ hello: { proto_versions: [1] } });
      assert.equal((await stream.ended).code, grpc.status.UNAUTHENTICATED, String(bad));
    }
    const lineage = new Lineage().add(dictionary(1, "000001", metric), scalars(1, [[nowUs(), 1]]));
    const older = await open(lineage);
    const newer = await open(lineage);
    older.stream.send(lineage.batch());
    const end = await older.stream.ended;
    assert.notEqual(end.code, grpc.status.OK);
    newer.stream.send(lineage.batch());
    assert.equal((await newer.stream.next("ack")).watermark, "2");
    await newer.stream.finish();
  });

  it("refuses a message over 4 MiB and unknown protocol versions", async () => {
    const lineage = new Lineage().add(Buffer.alloc(4 * 1024 * 1024 + 1));
    const { stream } = await open(lineage);
    stream.send(lineage.batch());
    assert.notEqual((await stream.ended).code, grpc.status.OK);
    const unknown = client.stream(token);
    unknown.send({ hello: { proto_versions: [99] } });
    assert.equal((await unknown.ended).code, grpc.status.FAILED_PRECONDITION);
  });

  it("declares a gap of unknown length when a journal was replaced", async () => {
    const first = new Lineage().add(dictionary(1, "000001", metric), scalars(1, [[nowUs(), 1]]));
    const one = await open(first);
    one.stream.send(first.batch());
    await one.stream.next("ack");
    await one.stream.finish();
    const second = new Lineage(newEpoch()).add(dictionary(1, "000001", metric), scalars(1, [[nowUs(), 2]]));
    const two = await open(second);
    two.stream.send(second.batch());
    assert.equal((await two.stream.next("ack")).watermark, "2");
    await two.stream.finish();
    const { events } = await platform.query(
      `{ events(tenantIdentifier: "${tenant}", deviceIdentifier: "000001", start: "2020-01-01", end: "2100-01-01") { kind message } }`,
    );
    assert.ok(events.some((e) => e.kind === "journal_replaced"), JSON.stringify(events.slice(0, 5)));
  });

  it("statuses are the device's own only", async () => {
    const lineage = new Lineage().add(dictionary(1, "000001", metric));
    const { stream } = await open(lineage);
    stream.send({ status: { device_identifier: "000001", status: 10, timestamp_us: nowUs() } });
    stream.send({ status: { device_identifier: "000002", status: 10, timestamp_us: nowUs() } });
    const problem = await stream.next("problem");
    assert.ok(problem.code && problem.message.length > 10);
    const status = async (id) =>
      (
        await platform.query(
          `{ devices(body: { tenantIdentifier: "${tenant}" }) { deviceIdentifier status } }`,
        )
      ).devices.find((d) => d.deviceIdentifier === id).status;
    await until("online", async () => (await status("000001")) === "ONLINE");
    assert.notEqual(await status("000002"), "ONLINE");
    stream.send({ heartbeat: { clock: { wall_us: nowUs(), monotonic_us: 1 } } });
    assert.ok((await stream.next("heartbeat")).clock.wall_us > 0);
    await stream.finish();
  });
});
