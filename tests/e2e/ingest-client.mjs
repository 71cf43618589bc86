// An independent client of millwright.ingest.v1, written from the .proto and docs/ingest-protocol.md.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import { blake2b } from "@noble/hashes/blake2.js";
import protobuf from "protobufjs";
import { root } from "./harness.mjs";

const file = join(root, "proto/millwright/ingest/v1/ingest.proto");
export const { Ingest } = grpc.loadPackageDefinition(
  loader.loadSync(file, { keepCase: true, longs: String, defaults: true, oneofs: true }),
).millwright.ingest.v1;
const Record = protobuf.loadSync(file).lookupType("millwright.ingest.v1.Record");

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1;
  return n >>> 0;
});

export function crc32c(chunks) {
  let crc = 0xffffffff;
  for (const chunk of chunks) for (const byte of chunk) crc = crcTable[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** chain(n) = BLAKE2b-64(chain(n-1), little-endian || record), as a bigint. */
export function nextChain(previous, record) {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(previous);
  const hash = blake2b(Buffer.concat([prefix, record]), { dkLen: 8 });
  return Buffer.from(hash).readBigUInt64LE();
}

export const newEpoch = () => randomBytes(16);

/** Times in microseconds; the columns that the wire wants are made here. */
export function scalars(reference, samples) {
  let before = 0;
  const deltas = samples.map(([at]) => {
    const delta = at - before;
    before = at;
    return delta;
  });
  return Record.encode(
    Record.fromObject({
      createdUs: Date.now() * 1000,
      scalars: {
        timestampDeltaUs: deltas,
        metricReference: [reference],
        value: samples.map(([, value]) => value),
      },
    }),
  ).finish();
}

export function dictionary(reference, device, metric, extra = {}) {
  return Record.encode(
    Record.fromObject({
      createdUs: Date.now() * 1000,
      dictionary: {
        reference,
        deviceIdentifier: device,
        path: "hall",
        metricIdentifier: metric,
        unit: "°C",
        displayName: metric,
        type: 1,
        ...extra,
      },
    }),
  ).finish();
}

export function waveform(reference, startUs, rateHz, values) {
  return Record.encode(
    Record.fromObject({
      createdUs: Date.now() * 1000,
      waveform: { metricReference: reference, startUs, sampleRateHz: rateHz, value: values },
    }),
  ).finish();
}

export const text = (reference, atUs, value) =>
  Record.encode(
    Record.fromObject({ createdUs: atUs, text: { metricReference: reference, timestampUs: atUs, value } }),
  ).finish();

/** A record that was journalled under another epoch. */
export const moved = (epoch, seq, record, forked = false) =>
  Record.encode(
    Record.fromObject({ createdUs: Date.now() * 1000, moved: { epoch, seq, record, forked } }),
  ).finish();

export class IngestClient {
  constructor(hub) {
    this.stub = new Ingest(hub, grpc.credentials.createInsecure());
  }

  close() {
    this.stub.close();
  }

  /** {token} or {error: {code, message}} */
  token(tenant, device, secret) {
    return new Promise((resolve) =>
      this.stub.GetToken(
        { tenant_identifier: tenant, device_identifier: device, device_secret: secret },
        (error, answer) =>
          resolve(error ? { error: { code: error.code, message: error.details } } : answer),
      ),
    );
  }

  /** A stream whose answers are awaited one by one by kind. */
  stream(token) {
    const metadata = new grpc.Metadata();
    if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
    return new IngestStream(this.stub.Stream(metadata));
  }
}

class IngestStream {
  constructor(call) {
    this.call = call;
    this.messages = [];
    this.waiting = [];
    this.ended = new Promise((resolve) => {
      call.on("error", (error) => {
        this.end = { code: error.code, message: error.details };
        resolve(this.end);
        this.#wake();
      });
      call.on("status", (status) => {
        this.end ??= { code: status.code, message: status.details };
        resolve(this.end);
        this.#wake();
      });
    });
    call.on("data", (message) => {
      this.messages.push(message);
      this.#wake();
    });
  }

  #wake() {
    for (const waiter of this.waiting.splice(0)) waiter();
  }

  send(message) {
    this.call.write(message);
  }

  /** The next message of this kind; heartbeats and credit in between are passed over. */
  async next(kind, timeoutMs = 10_000) {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const at = this.messages.findIndex((m) => m.kind === kind);
      if (at >= 0) return this.messages.splice(at, 1)[0][kind];
      if (this.end) throw new Error(`stream ended before ${kind}: ${JSON.stringify(this.end)}`);
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no ${kind} within ${timeoutMs} ms`);
      await new Promise((resolve) => {
        this.waiting.push(resolve);
        setTimeout(resolve, left);
      });
    }
  }

  hello(epochs) {
    this.send({ hello: { proto_versions: [1], build: "test", boot_id: Buffer.alloc(16), epochs } });
    return this.next("welcome");
  }

  finish() {
    this.call.end();
    return this.ended;
  }
}

/** The records of one epoch as a producer keeps them: numbers and chain hashes. */
export class Lineage {
  constructor(epoch = newEpoch()) {
    this.epoch = epoch;
    this.records = [];
    this.chains = [0n];
  }

  add(...records) {
    for (const record of records) {
      this.records.push(Buffer.from(record));
      this.chains.push(nextChain(this.chains.at(-1), record));
    }
    return this;
  }

  get nextSeq() {
    return this.records.length + 1;
  }

  offer(acknowledged = 0, firstSeq = 1) {
    return {
      stream_class: "STREAM_CLASS_TELEMETRY",
      epoch: this.epoch,
      first_seq: firstSeq,
      next_seq: this.nextSeq,
      acknowledged,
    };
  }

  /** Records from..to as a Batch. */
  batch(from = 1, to = this.records.length) {
    const records = this.records.slice(from - 1, to);
    return {
      batch: {
        stream_class: "STREAM_CLASS_TELEMETRY",
        epoch: this.epoch,
        base_seq: from,
        records,
        chain_end: this.chains[to].toString(),
        crc32c: crc32c(records),
      },
    };
  }
}
