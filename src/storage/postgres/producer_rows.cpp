#include "storage/postgres/producer_rows.h"

#include <algorithm>
#include <limits>

namespace millwright::pg {

using postgres::Connection;
using postgres::Rows;

namespace {

constexpr int kLedgerTail = 64;     // what epoch() answers
constexpr int kLedgerKept = 1'000;  // rows kept for each epoch, beside those with refusals
constexpr std::uint64_t kPruneEvery = 256;

using Blob = std::span<const std::uint8_t>;

Blob blob(const EpochId& epoch) { return epoch; }
Blob blob(const std::string& bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}
EpochId epoch_of(std::string_view bytes) {
  EpochId out{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
  return out;
}
int number(StreamClass stream_class) { return static_cast<int>(stream_class); }
std::uint64_t unsigned_of(std::int64_t v) { return static_cast<std::uint64_t>(v); }
std::int64_t clamp(std::uint64_t seq) {
  return static_cast<std::int64_t>(
      std::min<std::uint64_t>(seq, std::numeric_limits<std::int64_t>::max()));
}

/// An identifier that we have stored ourselves.
Result<DeviceId> agent_of(const std::string& text) {
  auto parsed = DeviceId::parse(text);
  if (!parsed) return Error{ErrorCode::kDataLoss, "a stored stream has no valid agent", text};
  return parsed;
}

Result<> advance(Connection& connection, const EpochAdvance& advance) {
  MW_TRY(connection.run(
      "INSERT INTO epochs (epoch, agent, class, watermark, chain, advanced) "
      "VALUES ($1, $2, $3, $4, $5, nextval('advances')) ON CONFLICT (epoch) DO UPDATE "
      "SET agent = $2, class = $3, watermark = $4, chain = $5, advanced = excluded.advanced",
      blob(advance.epoch), advance.stream.agent.str(), number(advance.stream.stream_class),
      advance.end_seq, advance.chain));
  MW_TRY(connection.run("INSERT INTO ledger VALUES ($1, $2, $3, $4, $5, $6, $7)",
                        blob(advance.epoch), advance.end_seq, advance.base_seq, advance.chain,
                        advance.sample_count, to_us(advance.arrived_at), blob(advance.refusals)));
  if (advance.end_seq / kPruneEvery == (advance.base_seq - 1) / kPruneEvery) return {};
  MW_TRY(connection.run(
      "DELETE FROM ledger WHERE epoch = $1 AND refusals = '' AND end_seq <= "
      "(SELECT end_seq FROM ledger WHERE epoch = $1 ORDER BY end_seq DESC OFFSET $2 LIMIT 1)",
      blob(advance.epoch), kLedgerKept));
  return {};
}

}  // namespace

Result<> open_session(Connection& connection, const StreamKey& stream,
                      std::uint64_t session_token) {
  MW_TRY(
      connection.run("INSERT INTO sessions VALUES ($1, $2, $3) ON CONFLICT (agent, class) "
                     "DO UPDATE SET token = $3",
                     stream.agent.str(), number(stream.stream_class), session_token));
  return {};
}

Result<std::optional<EpochState>> epoch(Connection& connection, const EpochId& epoch) {
  EpochState state;
  MW_ASSIGN(const Rows rows, connection.query("SELECT watermark, chain, moved_through, forked "
                                              "FROM epochs WHERE epoch = $1",
                                              blob(epoch)));
  if (rows.empty()) return std::optional<EpochState>();
  state.watermark = unsigned_of(rows.integer(0, 0));
  state.chain = unsigned_of(rows.integer(0, 1));
  state.moved_through = unsigned_of(rows.integer(0, 2));
  state.forked = rows.integer(0, 3) != 0;
  MW_ASSIGN(const Rows ledger, connection.query("SELECT base_seq, end_seq, chain FROM ledger "
                                                "WHERE epoch = $1 ORDER BY end_seq DESC LIMIT $2",
                                                blob(epoch), kLedgerTail));
  for (std::size_t i = ledger.size(); i-- > 0;) {
    state.ledger.push_back({unsigned_of(ledger.integer(i, 0)), unsigned_of(ledger.integer(i, 1)),
                            unsigned_of(ledger.integer(i, 2))});
  }
  return std::optional(std::move(state));
}

Result<std::optional<EpochId>> newest_epoch(Connection& connection, const StreamKey& stream) {
  MW_ASSIGN(const Rows rows, connection.query("SELECT epoch FROM epochs WHERE agent = $1 AND "
                                              "class = $2 AND advanced > 0 "
                                              "ORDER BY advanced DESC LIMIT 1",
                                              stream.agent.str(), number(stream.stream_class)));
  if (rows.empty()) return std::optional<EpochId>();
  return std::optional(epoch_of(rows.bytes(0, 0)));
}

Result<std::vector<DictionaryMapping>> dictionary(Connection& connection, const EpochId& epoch) {
  MW_ASSIGN(const Rows rows, connection.query("SELECT reference, series FROM dictionary "
                                              "WHERE epoch = $1 ORDER BY reference",
                                              blob(epoch)));
  std::vector<DictionaryMapping> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.push_back({static_cast<std::uint32_t>(rows.integer(i, 0)), SeriesId{rows.integer(i, 1)}});
  }
  return out;
}

Result<std::vector<std::string>> refusals(Connection& connection, const EpochId& epoch,
                                          std::uint64_t from_seq, std::uint64_t to_seq) {
  MW_ASSIGN(const Rows rows,
            connection.query("SELECT refusals FROM ledger WHERE epoch = $1 AND end_seq >= $2 AND "
                             "base_seq <= $3 AND refusals <> '' ORDER BY end_seq",
                             blob(epoch), clamp(from_seq), clamp(to_seq)));
  std::vector<std::string> out;
  for (std::size_t i = 0; i < rows.size(); ++i) out.push_back(rows.text(i, 0));
  return out;
}

Result<> mark_forked(Connection& connection, const EpochId& epoch) {
  MW_ASSIGN(const std::int64_t changed,
            connection.run("UPDATE epochs SET forked = true WHERE epoch = $1", blob(epoch)));
  if (changed == 0) return not_found("the epoch is not known; nothing to mark");
  return {};
}

Result<> remove_agent(Connection& connection, const DeviceId& agent) {
  for (const char* sql :
       {"DELETE FROM ledger WHERE epoch IN (SELECT epoch FROM epochs WHERE agent = $1)",
        "DELETE FROM dictionary WHERE epoch IN (SELECT epoch FROM epochs WHERE agent = $1)",
        "DELETE FROM epochs WHERE agent = $1", "DELETE FROM sessions WHERE agent = $1"}) {
    MW_TRY(connection.run(sql, agent.str()));
  }
  return {};
}

Result<std::vector<DeclaredGap>> gaps(Connection& connection) {
  MW_ASSIGN(const Rows rows,
            connection.query("SELECT agent, class, epoch, from_seq, to_seq, sample_count, reason, "
                             "declared_us FROM gaps ORDER BY id"));
  std::vector<DeclaredGap> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    MW_ASSIGN(DeviceId agent, agent_of(rows.text(i, 0)));
    out.push_back({{std::move(agent), static_cast<StreamClass>(rows.integer(i, 1))},
                   epoch_of(rows.bytes(i, 2)),
                   unsigned_of(rows.integer(i, 3)),
                   unsigned_of(rows.integer(i, 4)),
                   unsigned_of(rows.integer(i, 5)),
                   rows.text(i, 6),
                   from_us(rows.integer(i, 7))});
  }
  return out;
}

Result<> check(Connection& connection, const EpochAdvance& advance) {
  MW_ASSIGN(const std::optional<std::int64_t> stored,
            connection.integer("SELECT token FROM sessions WHERE agent = $1 AND class = $2",
                               advance.stream.agent.str(), number(advance.stream.stream_class)));
  std::optional<std::uint64_t> token;
  if (stored) token = unsigned_of(*stored);
  std::optional<EpochPosition> position;
  MW_ASSIGN(const Rows rows, connection.query("SELECT agent, class, watermark FROM epochs "
                                              "WHERE epoch = $1 FOR UPDATE",
                                              blob(advance.epoch)));
  if (!rows.empty()) {
    position.emplace();
    if (!rows.is_null(0, 0)) {
      MW_ASSIGN(DeviceId agent, agent_of(rows.text(0, 0)));
      position->stream = StreamKey{std::move(agent), static_cast<StreamClass>(rows.integer(0, 1))};
    }
    position->watermark = unsigned_of(rows.integer(0, 2));
  }
  return check_advance(advance, token, position);
}

Result<> store(Connection& connection, const Append& append) {
  std::optional<std::string> epoch;
  if (append.advance) epoch.emplace(append.advance->epoch.begin(), append.advance->epoch.end());
  if (append.gap) {
    const DeclaredGap& gap = *append.gap;
    MW_TRY(connection.run(
        "INSERT INTO gaps (agent, class, epoch, from_seq, to_seq, sample_count, "
        "reason, declared_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        gap.stream.agent.str(), number(gap.stream.stream_class), blob(gap.epoch), gap.from_seq,
        gap.to_seq, gap.sample_count, gap.reason, to_us(gap.declared_at)));
  }
  for (const QuarantinedItem& item : append.quarantine) {
    std::optional<Blob> of_epoch;
    if (epoch) of_epoch = blob(*epoch);
    MW_TRY(
        connection.run("INSERT INTO quarantine (epoch, seq, reason, bytes) VALUES ($1, $2, $3, $4)",
                       of_epoch, clamp(item.seq), item.reason, blob(item.bytes)));
  }
  if (!append.advance) return {};
  for (const DictionaryMapping& mapping : append.dictionary) {
    MW_TRY(
        connection.run("INSERT INTO dictionary VALUES ($1, $2, $3) "
                       "ON CONFLICT (epoch, reference) DO UPDATE SET series = $3",
                       blob(append.advance->epoch), std::int64_t{mapping.reference},
                       static_cast<std::int64_t>(mapping.series)));
  }
  for (const MovedMark& mark : append.moved) {
    MW_TRY(connection.run(
        "INSERT INTO epochs (epoch, moved_through) VALUES ($1, $2) ON CONFLICT (epoch) "
        "DO UPDATE SET moved_through = greatest(epochs.moved_through, $2)",
        blob(mark.original), clamp(mark.through)));
  }
  return advance(connection, *append.advance);
}

}  // namespace millwright::pg
