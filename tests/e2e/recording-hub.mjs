// A hub that remembers every record that an agent has sent, and checks that the agent never forgets, changes or
// renumbers one: what was sent had to be durable. It acknowledges by chance, so that agents have to send again.
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { Ingest, crc32c, nextChain } from "./ingest-client.mjs";

export class RecordingHub {
  constructor(next) {
    this.next = next;
    this.epochs = new Map(); // by hexadecimal name: {records, chains, watermark}
    this.violations = [];
    this.gaps = [];
    this.hellos = 0;
    this.resent = 0;
  }

  async start(address) {
    this.server = new Server();
    this.server.addService(Ingest.service, {
      GetToken: (call, done) => done(null, { token: "any", expires_at_us: (Date.now() + 3_600_000) * 1000 }),
      Stream: (call) => this.#stream(call),
    });
    await new Promise((resolve, reject) =>
      this.server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())),
    );
  }
  stop() {
    this.server.forceShutdown();
  }

  get records() {
    return [...this.epochs.values()].reduce((sum, { records }) => sum + records.length, 0);
  }

  #stream(call) {
    call.on("error", () => {}); // the agent was killed
    call.on("end", () => call.end());
    call.on("data", (message) => {
      if (message.kind === "hello") this.#hello(call, message.hello);
      if (message.kind === "batch") this.#batch(call, message.batch);
      if (message.kind === "gap") this.#gap(call, message.gap);
    });
  }

  #hello(call, hello) {
    this.hellos++;
    const states = hello.epochs.map((offer) => {
      const name = offer.epoch.toString("hex");
      if (!this.epochs.has(name)) {
        if (this.epochs.size > 0) this.violations.push(`the journal began a new epoch ${name}`);
        this.epochs.set(name, { records: [], chains: [0n], watermark: 0 });
      }
      const state = this.epochs.get(name);
      if (Number(offer.next_seq) <= state.records.length) {
        this.violations.push(`record ${state.records.length} was sent, the journal ends before ${offer.next_seq}`);
      }
      if (Number(offer.first_seq) > state.watermark + 1) {
        this.violations.push(`record ${state.watermark + 1} is not acknowledged, the journal begins at ${offer.first_seq}`);
      }
      return {
        epoch: offer.epoch,
        known: state.records.length > 0,
        watermark: state.watermark,
        chain: state.chains[state.watermark].toString(),
      };
    });
    if (states.length < this.epochs.size) this.violations.push("an epoch is gone from the journal");
    call.write({
      welcome: { proto_version: 1, session_token: this.hellos, server_time_us: Date.now() * 1000, epochs: states, credit_bytes: 8 << 20 },
    });
  }

  #batch(call, batch) {
    const state = this.epochs.get(batch.epoch.toString("hex"));
    const base = Number(batch.base_seq);
    if (crc32c(batch.records) !== batch.crc32c) this.violations.push(`a batch from ${base} with a wrong checksum`);
    if (base > state.records.length + 1) this.violations.push(`a batch from ${base} behind a hole`);
    batch.records.forEach((record, i) => {
      const known = state.records[base - 1 + i];
      if (known === undefined) {
        state.records.push(record);
        state.chains.push(nextChain(state.chains.at(-1), record));
      } else {
        this.resent++;
        if (!known.equals(record)) this.violations.push(`record ${base + i} came again with other bytes`);
      }
    });
    const end = base + batch.records.length - 1;
    if (BigInt(batch.chain_end) !== state.chains[end]) this.violations.push(`the chain breaks at record ${end}`);
    if (this.next() < 0.3) {
      state.watermark = Math.max(state.watermark, Math.round(state.watermark + this.next() * (end - state.watermark)));
      call.write({ ack: { epoch: batch.epoch, watermark: state.watermark } });
    }
  }

  #gap(call, gap) {
    this.gaps.push({ from: Number(gap.from_seq), to: Number(gap.to_seq), reason: gap.reason });
    const state = this.epochs.get(gap.epoch.toString("hex"));
    while (state.records.length < Number(gap.to_seq)) {
      state.records.push(Buffer.alloc(0)); // declared as lost
      state.chains.push(BigInt(gap.chain_end));
    }
    state.watermark = Math.max(state.watermark, Number(gap.to_seq));
    call.write({ ack: { epoch: gap.epoch, watermark: state.watermark } });
  }
}
