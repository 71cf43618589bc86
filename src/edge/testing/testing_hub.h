#pragma once
/// For tests: a hub in memory that keeps the rules of docs/ingest-protocol.md, with a network and
/// a data folder that can go away.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "record/record.h"
#include "uplink/loopback/loopback_uplink.h"

namespace millwright::edge {

namespace v1 = ::millwright::ingest::v1;

class TestingHub {
 public:
  struct Epoch {
    std::uint64_t watermark = 0;
    std::uint64_t chain = 0;
    bool is_forked = false;
    std::map<std::uint64_t, std::string> records;
    std::vector<v1::Gap> gaps;
    std::vector<v1::LedgerEntry> ledger;
  };

  explicit TestingHub(const Clock& clock) : clock_(clock) {}

  uplink::LoopbackHub functions() {
    return {[this](const uplink::Credentials& credentials) { return get_token(credentials); },
            [this](const std::string& token, std::shared_ptr<uplink::LoopbackStream> stream) {
              return open(token, std::move(stream));
            },
            [this](uplink::LoopbackStream& stream, const uplink::ClientMessage& message) {
              take(stream, message);
            }};
  }

  // What a test may change.
  bool is_away = false;
  bool is_full = false;          ///< refuses every stream for want of room
  bool is_silent = false;        ///< takes everything and answers nothing
  bool is_acknowledging = true;  ///< false: stores, but its answers are lost
  std::string secret = "secret";
  std::uint64_t credit = 8 << 20;
  std::function<std::optional<uplink::ServerMessage>(const v1::Batch&)> on_batch;
  void lose_data() {
    epochs.clear();
    order.clear();
  }
  void cut() {
    if (auto stream = stream_.lock()) stream->end(unavailable("the network is gone"));
  }

  /// Ends the stream with the hub's own judgement.
  void refuse(Error error) {
    if (auto stream = stream_.lock()) stream->end(std::move(error));
  }
  /// The next acknowledgement carries refusals of the first samples of a record.
  void refuse_next(std::uint64_t seq, std::string code, unsigned samples) {
    v1::RecordRefusals& refusals = refusals_.emplace();
    refusals.set_seq(seq);
    for (unsigned i = 0; i < samples; ++i) {
      refusals.add_samples()->set_index(i);
      refusals.mutable_samples(int(i))->set_code(code);
    }
  }

  // What a test may look at.
  std::map<std::string, Epoch> epochs;
  std::vector<std::string> order;  ///< epochs in the order of their first record or gap
  std::vector<int> statuses;
  std::vector<std::string> refreshed_tokens;
  int hellos = 0;
  int tokens = 0;
  int batches = 0;

  Epoch& newest() { return epochs.at(order.back()); }
  /// All values of scalars, in the order of their records, moved ones included.
  std::vector<double> values() const {
    std::vector<double> out;
    for (const std::string& id : order) {
      if (!epochs.contains(id)) continue;
      for (const auto& [seq, bytes] : epochs.at(id).records) collect(bytes, &out);
    }
    return out;
  }
  /// References without an entry before them in their epoch.
  int unknown_references() const {
    int unknown = 0;
    for (const auto& [id, epoch] : epochs) {
      std::set<std::uint32_t> known;
      for (const auto& [seq, bytes] : epoch.records) unknown += check(bytes, &known);
    }
    return unknown;
  }

 private:
  static void collect(const std::string& bytes, std::vector<double>* out) {
    const auto record = record::decode(bytes);
    ASSERT_TRUE(record);
    if (const auto* scalars = std::get_if<record::Scalars>(&record->payload)) {
      out->insert(out->end(), scalars->value.begin(), scalars->value.end());
    } else if (const auto* moved = std::get_if<record::MovedRecord>(&record->payload)) {
      collect(moved->record, out);
    }
  }
  static int check(const std::string& bytes, std::set<std::uint32_t>* known) {
    const auto record = record::decode(bytes);
    if (!record) return 1;
    if (const auto* entry = std::get_if<record::DictionaryEntry>(&record->payload)) {
      known->insert(entry->reference);
    } else if (const auto* scalars = std::get_if<record::Scalars>(&record->payload)) {
      int unknown = 0;
      for (std::size_t i = 0; i < scalars->value.size(); ++i) {
        unknown += !known->contains(scalars->reference_at(i));
      }
      return unknown;
    } else if (const auto* moved = std::get_if<record::MovedRecord>(&record->payload)) {
      return check(moved->record, known);
    }
    return 0;
  }

  Result<uplink::Token> get_token(const uplink::Credentials& credentials) {
    if (is_away) return unavailable("no hub");
    if (credentials.device_secret != secret) return unauthenticated("wrong secret");
    ++tokens;
    return uplink::Token{"token" + std::to_string(tokens), clock_.now() + std::chrono::hours(1)};
  }
  Result<> open(const std::string&, std::shared_ptr<uplink::LoopbackStream> stream) {
    if (is_away) return unavailable("no hub");
    if (is_full) return resource_exhausted("no room; try again in 30 s");
    stream_ = stream;
    return {};
  }
  void take(uplink::LoopbackStream& stream, const uplink::ClientMessage& message) {
    if (is_away) {
      stream.end(unavailable("no hub"));
      return;
    }
    if (is_silent) return;
    if (message.has_hello()) welcome(stream, message.hello());
    if (message.has_batch()) store(stream, message.batch());
    if (message.has_gap()) declare(stream, message.gap());
    if (message.has_status()) statuses.push_back(message.status().status());
    if (message.has_token_refresh()) refreshed_tokens.push_back(message.token_refresh().token());
    if (message.has_heartbeat()) {
      uplink::ServerMessage answer;
      answer.mutable_heartbeat()->mutable_clock()->set_wall_us(to_us(clock_.now()));
      stream.answer(std::move(answer));
    }
  }
  void welcome(uplink::LoopbackStream& stream, const v1::Hello& hello) {
    ++hellos;
    uplink::ServerMessage answer;
    v1::Welcome& welcome = *answer.mutable_welcome();
    welcome.set_credit_bytes(credit);
    for (const auto& offer : hello.epochs()) {
      v1::EpochState& state = *welcome.add_epochs();
      state.set_epoch(offer.epoch());
      const auto known = epochs.find(offer.epoch());
      if (known == epochs.end()) continue;
      state.set_known(true);
      state.set_watermark(known->second.watermark);
      state.set_chain(known->second.chain);
      state.set_forked(known->second.is_forked);
      for (const auto& entry : known->second.ledger) *state.add_ledger() = entry;
    }
    stream.answer(std::move(answer));
  }
  Epoch& epoch_of(const std::string& id) {
    if (!epochs.contains(id)) order.push_back(id);
    return epochs[id];
  }
  void answer_ack(uplink::LoopbackStream& stream, const std::string& id) {
    if (!is_acknowledging) return;
    uplink::ServerMessage answer;
    answer.mutable_ack()->set_epoch(id);
    answer.mutable_ack()->set_watermark(epochs[id].watermark);
    if (refusals_) *answer.mutable_ack()->add_refusals() = *std::exchange(refusals_, std::nullopt);
    stream.answer(std::move(answer));
  }
  void answer_nack(uplink::LoopbackStream& stream, const std::string& id) {
    uplink::ServerMessage answer;
    answer.mutable_nack()->set_epoch(id);
    answer.mutable_nack()->set_expected(epochs[id].watermark + 1);
    stream.answer(std::move(answer));
  }
  void store(uplink::LoopbackStream& stream, const v1::Batch& batch) {
    ++batches;
    if (on_batch) {
      if (auto answer = on_batch(batch)) {
        stream.answer(std::move(*answer));
        return;
      }
    }
    Epoch& epoch = epoch_of(batch.epoch());
    if (batch.base_seq() > epoch.watermark + 1) {
      answer_nack(stream, batch.epoch());
      return;
    }
    std::uint32_t crc = 0;
    std::uint64_t seq = batch.base_seq();
    for (const std::string& bytes : batch.records()) {
      crc = record::crc32c(crc, bytes);
      if (seq > epoch.watermark) {
        epoch.chain = record::next_chain(epoch.chain, bytes);
        epoch.records[seq] = bytes;
        epoch.watermark = seq;
      }
      ++seq;
    }
    EXPECT_EQ(crc, batch.crc32c());
    EXPECT_EQ(epoch.chain, batch.chain_end());
    v1::LedgerEntry entry;
    entry.set_base_seq(batch.base_seq());
    entry.set_end_seq(epoch.watermark);
    entry.set_chain(epoch.chain);
    epoch.ledger.push_back(entry);
    answer_ack(stream, batch.epoch());
  }
  void declare(uplink::LoopbackStream& stream, const v1::Gap& gap) {
    Epoch& epoch = epoch_of(gap.epoch());
    if (gap.from_seq() > epoch.watermark + 1) {
      answer_nack(stream, gap.epoch());
      return;
    }
    epoch.watermark = gap.to_seq();
    epoch.chain = gap.chain_end();
    epoch.gaps.push_back(gap);
    answer_ack(stream, gap.epoch());
  }

  const Clock& clock_;
  std::weak_ptr<uplink::LoopbackStream> stream_;
  std::optional<v1::RecordRefusals> refusals_;
};

}  // namespace millwright::edge
