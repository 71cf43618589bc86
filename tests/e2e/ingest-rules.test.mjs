// The rules of the ingest stream that ingest.test.mjs leaves out: renewed tokens, moved records,
// forks, limits, bytes that are no message, a device that goes while it sends.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import grpc from "@grpc/grpc-js";
import { Platform, sleep, tenant, until } from "./harness.mjs";
import { IngestClient, Lineage, dictionary, moved, scalars, waveform } from "./ingest-client.mjs";

const device = "000001";
const nowUs = () => Date.now() * 1000;

describe("the rules of the ingest stream", () => {
  let platform;
  let client;
  let admin;
  let secret;
  let token;
  let number = 0;
  let metric;

  before(async () => {
    platform = await (await Platform.create()).start();
    admin = await platform.login();
    client = new IngestClient(platform.hub);
    secret = await platform.register(device);
    token = (await client.token(tenant, device, secret)).token;
  });
  after(async () => {
    client?.close();
    await platform?.end();
  });
  beforeEach(() => {
    metric = `rules.m${++number}`; // a metric of its own for each test
  });

  const open = async (offers, withToken = token) => {
    const stream = client.stream(withToken);
    const welcome = await stream.hello(offers);
    return { stream, welcome };
  };

  /** All stored values of a metric, oldest first. */
  const stored = async (name = metric) => {
    const { numericScalar } = await platform.query(
      `query($b: NumericScalarInput!) { numericScalar(body: $b) { values { value } } }`,
      {
        b: {
          ...{ tenantIdentifier: tenant, deviceIdentifier: device, metricIdentifier: [name] },
          ...{ start: "2000-01-01", end: "2100-01-01" },
        },
      },
    );
    return (numericScalar[0]?.values ?? []).map((v) => v.value).reverse();
  };

  const eventKinds = async () =>
    (
      await platform.query(
        `{ events(tenantIdentifier: "${tenant}", deviceIdentifier: "${device}", start: "2020-01-01", end: "2100-01-01") { kind } }`,
      )
    ).events.map((e) => e.kind);

  /** `count` samples from `at` on, one a microsecond, as records of at most `most`. */
  const many = (count, most = 4096, at = nowUs() - 100_000_000) => {
    const records = [];
    for (let from = 0; from < count; from += most) {
      const size = Math.min(most, count - from);
      records.push(scalars(1, Array.from({ length: size }, (_, i) => [at + from + i, from + i])));
    }
    return records;
  };

  it("a stream goes on with a renewed token of its own device, and with no other", async () => {
    const lineage = new Lineage().add(dictionary(1, device, metric), scalars(1, [[nowUs(), 7]]));
    const { stream } = await open([lineage.offer()]);
    const renewed = (await client.token(tenant, device, secret)).token;
    stream.send({ token_refresh: { token: renewed } });
    stream.send(lineage.batch());
    assert.equal((await stream.next("ack")).watermark, "2");
    assert.deepEqual(await stored(), [7]);
    await stream.finish();

    const foreign = (await client.token(tenant, "000002", await platform.register("000002"))).token;
    for (const [bad, codes] of [
      [foreign, [grpc.status.PERMISSION_DENIED]],
      ["", [grpc.status.UNAUTHENTICATED]],
      ["abc", [grpc.status.UNAUTHENTICATED]],
      [`${token.slice(0, -2)}xx`, [grpc.status.UNAUTHENTICATED]],
    ]) {
      const again = await open([lineage.offer(2)]);
      again.stream.send({ token_refresh: { token: bad } });
      const end = await again.stream.ended;
      assert.ok(codes.includes(end.code), JSON.stringify(end));
      assert.ok(end.message.length > 10);
    }
  });

  it("a moved record is stored where its old epoch lacks it, and left out where it has it", async () => {
    const at = nowUs() - 10_000_000;
    const old = new Lineage().add(
      dictionary(1, device, metric),
      scalars(1, [[at, 1]]),
      scalars(1, [[at + 1_000_000, 2]]),
    );
    const first = await open([old.offer()]);
    first.stream.send(old.batch(1, 2)); // the third is under way when the agent begins a new epoch
    await first.stream.next("ack");
    await first.stream.finish();

    const fresh = new Lineage().add(
      dictionary(1, device, metric),
      moved(old.epoch, 2, Buffer.from(scalars(1, [[at, 100]]))), // W has passed it: not looked at
      moved(old.epoch, 3, old.records[2]),
      moved(old.epoch, 3, Buffer.from(scalars(1, [[at + 1_000_000, 200]]))), // moved before
    );
    const { stream } = await open([old.offer(2), { ...fresh.offer(), previous_epoch: old.epoch }]);
    stream.send(fresh.batch());
    const ack = await stream.next("ack");
    assert.equal(ack.watermark, "4");
    assert.deepEqual(ack.refusals, []);
    assert.deepEqual(await stored(), [1, 2]);

    fresh.add(moved(old.epoch, 2, Buffer.from(scalars(1, [[at + 2_000_000, 3]])), true));
    stream.send(fresh.batch(5, 5));
    assert.equal((await stream.next("ack")).watermark, "5");
    assert.deepEqual(await stored(), [1, 2, 3], "of a forked past the number says nothing");
    await stream.finish();
  });

  it("a moved record that cannot be read is put aside and the stream goes on", async () => {
    const lineage = new Lineage();
    lineage.add(
      dictionary(1, device, metric),
      moved(new Lineage().epoch, 1, Buffer.from([0xff, 0xff])),
      moved(Buffer.alloc(3), 1, Buffer.from(scalars(1, [[nowUs(), 1]]))),
      scalars(1, [[nowUs(), 4]]),
    );
    const { stream } = await open([lineage.offer()]);
    stream.send(lineage.batch());
    assert.equal((await stream.next("quarantined")).seq, "2");
    assert.equal((await stream.next("quarantined")).seq, "3");
    assert.equal((await stream.next("ack")).watermark, "4");
    assert.deepEqual(await stored(), [4]);
    await stream.finish();
  });

  const known = async () => {
    const lineage = new Lineage().add(dictionary(1, device, metric), scalars(1, [[nowUs(), 1]]));
    const { stream } = await open([lineage.offer()]);
    stream.send(lineage.batch());
    await stream.next("ack");
    await stream.finish();
    return lineage;
  };

  it("an offer whose chain differs is a fork: marked, told as an event, not written to", async () => {
    const lineage = await known();
    const same = await open([{ ...lineage.offer(2), chain_at: [{ seq: 2, chain: lineage.chains[2].toString() }] }]);
    assert.equal(same.welcome.epochs[0].forked, false);
    await same.stream.finish();
    const forks = async () => (await eventKinds()).filter((kind) => kind === "journal_forked").length;
    const before = await forks();
    const twin = new Lineage(lineage.epoch).add(lineage.records[0], scalars(1, [[nowUs(), 50]]));
    const chain_at = [{ seq: 2, chain: twin.chains[2].toString() }];
    const { stream, welcome } = await open([{ ...twin.offer(2), chain_at }]);
    assert.equal(welcome.epochs[0].forked, true);
    assert.equal(welcome.epochs[0].chain, lineage.chains[2].toString(), "the hub's own chain");
    await until("the event", async () => (await forks()) === before + 1);
    twin.add(scalars(1, [[nowUs(), 51]]));
    stream.send(twin.batch(3, 3));
    const end = await stream.ended;
    assert.equal(end.code, grpc.status.FAILED_PRECONDITION, JSON.stringify(end));
    assert.deepEqual(await stored(), [1]);
  });

  it("an offer that is shorter than what it acknowledged is a fork as well", async () => {
    const lineage = await known();
    const { stream, welcome } = await open([{ ...lineage.offer(1), next_seq: 2 }]);
    assert.equal(welcome.epochs[0].forked, true);
    await stream.finish();
  });

  it("a batch with another past forks; a batch whose own chain is wrong is refused", async () => {
    const lineage = await known();
    const twin = new Lineage(lineage.epoch).add(
      lineage.records[0],
      scalars(1, [[nowUs(), 50]]),
      scalars(1, [[nowUs(), 51]]),
    );
    const { stream } = await open([lineage.offer(2)]);
    stream.send(twin.batch(2, 3));
    const end = await stream.ended;
    assert.equal(end.code, grpc.status.FAILED_PRECONDITION, JSON.stringify(end));
    assert.deepEqual(await stored(), [1]);

    const other = new Lineage().add(dictionary(1, device, metric), scalars(1, [[nowUs(), 9]]));
    const again = await open([other.offer()]);
    const message = other.batch();
    message.batch.chain_end = (other.chains[2] ^ 1n).toString();
    again.stream.send(message);
    assert.equal((await again.stream.ended).code, grpc.status.INVALID_ARGUMENT);
    assert.deepEqual(await stored(), [1]);
  });

  it("65,536 samples in a message are taken, one more ends the stream", async () => {
    const full = new Lineage().add(dictionary(1, device, metric), ...many(65_536));
    const good = await open([full.offer()]);
    good.stream.send(full.batch());
    const ack = await good.stream.next("ack");
    assert.equal(ack.watermark, "17");
    assert.deepEqual(ack.refusals, []);
    assert.equal((await stored()).length, 65_536);
    await good.stream.finish();

    const over = new Lineage().add(dictionary(1, device, `${metric}.over`), ...many(65_537));
    const bad = await open([over.offer()]);
    bad.stream.send(over.batch());
    const end = await bad.stream.ended;
    assert.equal(end.code, grpc.status.INVALID_ARGUMENT);
    assert.match(end.message, /65537.*65536/);
    const { metrics } = await platform.query(
      `{ metrics(tenantIdentifier: "${tenant}", deviceIdentifier: "${device}") { metricIdentifier } }`,
    );
    assert.ok(!metrics.some((m) => m.metricIdentifier === `${metric}.over`), "nothing of it is stored");
  });

  it("4,096 samples in a record are taken, a record with more or none is put aside", async () => {
    const lineage = new Lineage().add(
      dictionary(1, device, metric),
      ...many(4096),
      ...many(4097, 4097, nowUs() - 200_000_000),
      scalars(1, []),
    );
    const { stream } = await open([lineage.offer()]);
    stream.send(lineage.batch());
    assert.match((await stream.next("quarantined")).reason, /4097.*4096/);
    assert.equal((await stream.next("quarantined")).seq, "4");
    const ack = await stream.next("ack");
    assert.equal(ack.watermark, "4");
    assert.deepEqual(ack.refusals.map((r) => [r.seq, r.samples[0].code]), [["3", "unreadable"], ["4", "unreadable"]]);
    assert.equal((await stored()).length, 4096);
    await stream.finish();
  });

  it("waveforms that are none are refused one by one", async () => {
    const at = nowUs() - 10_000_000;
    const lineage = new Lineage().add(
      dictionary(1, device, metric, { type: 2 }),
      waveform(1, at, 0, [1]),
      waveform(1, at, NaN, [1]),
      waveform(1, at, 5000, []),
      waveform(1, at, 5000, [1, NaN]),
      waveform(1, -1, 5000, [1]),
      waveform(1, at, 1e-6, [1, 2]),
      scalars(1, [[at, 1]]),
      waveform(1, at, 5000, [1, 2]),
    );
    const { stream } = await open([lineage.offer()]);
    stream.send(lineage.batch());
    const ack = await stream.next("ack");
    assert.deepEqual(
      ack.refusals.map((r) => r.samples[0].code),
      ["unreadable", "unreadable", "unreadable", "not_finite", "before_1970", "invalid_waveform", "type_conflict"],
    );
    assert.deepEqual(await stored(), [1, 2]);
    await stream.finish();
  });

  it("bytes that are no message are refused, on a unary call and on a stream", async () => {
    const raw = new grpc.Client(platform.hub, grpc.credentials.createInsecure());
    const same = (bytes) => bytes;
    const service = "/millwright.ingest.v1.Ingest";
    const garbage = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x01]);
    const unary = await new Promise((resolve) =>
      raw.makeUnaryRequest(`${service}/GetToken`, same, same, garbage, (error) => resolve(error)),
    );
    assert.ok(unary?.code > 0, JSON.stringify(unary)); // which code is gRPC's own choice
    const missing = await new Promise((resolve) =>
      raw.makeUnaryRequest(`${service}/NoSuchCall`, same, same, garbage, (error) => resolve(error)),
    );
    assert.equal(missing.code, grpc.status.UNIMPLEMENTED);
    const metadata = new grpc.Metadata();
    metadata.set("authorization", `Bearer ${token}`);
    const stream = raw.makeBidiStreamRequest(`${service}/Stream`, same, same, metadata);
    const ended = new Promise((resolve) => stream.on("error", resolve));
    stream.on("data", () => {});
    stream.write(garbage);
    const end = await ended;
    assert.equal(end.code, grpc.status.INVALID_ARGUMENT, JSON.stringify(end));
    assert.match(end.details, /ClientMessage/);
    raw.close();
    assert.ok((await client.token(tenant, device, secret)).token, "the server goes on");
  });

  it("a device that is removed while it sends: its stream ends and nothing comes back", { timeout: 60_000 }, async () => {
    const gone = "GONE01";
    const own = await client.token(tenant, gone, await platform.register(gone));
    const lineage = new Lineage().add(dictionary(1, gone, metric), scalars(1, [[nowUs(), 1]]));
    const { stream } = await open([lineage.offer()], own.token);
    stream.send(lineage.batch());
    await stream.next("ack");
    let ended = false;
    void stream.ended.then(() => (ended = true));
    const sending = (async () => {
      while (!ended) {
        lineage.add(scalars(1, [[nowUs(), lineage.nextSeq]]));
        stream.send(lineage.batch(lineage.records.length, lineage.records.length));
        await sleep(5);
      }
    })();
    await sleep(200);
    const path = `/api/v1/tenants/${tenant}/devices/${gone}`;
    assert.equal((await platform.call("DELETE", path, undefined, admin)).status, 200);
    const end = await stream.ended;
    await sending;
    assert.notEqual(end.code, grpc.status.OK);
    assert.ok(end.message.length > 10, JSON.stringify(end));
    assert.equal((await platform.call("GET", path, undefined, admin)).status, 404);
    const late = client.stream(own.token);
    late.send({ hello: { proto_versions: [1] } });
    assert.equal((await late.ended).code, grpc.status.UNAUTHENTICATED);
    await platform.register(gone);
    const { metrics } = (await platform.call("GET", `${path}/metrics`, undefined, admin)).body.data;
    assert.deepEqual(metrics, [], "a device of the same name begins empty");
    await until("the server to be ready", async () => (await fetch(`${platform.api}/readyz`)).ok);
  });
});
