#include "storage/sqlite/producer_log.h"

#include <algorithm>
#include <limits>

namespace millwright {
namespace {

constexpr int kLedgerTail = 64;           // what epoch() answers
constexpr int kLedgerKept = 1'000;        // rows kept for each epoch, beside those with refusals
constexpr std::size_t kPruneEvery = 256;  // rows

using Blob = std::span<const std::uint8_t>;

Blob blob(const EpochId& epoch) { return epoch; }

EpochId epoch_of(Blob bytes) {
  EpochId out{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
  return out;
}

int number(StreamClass stream_class) { return static_cast<int>(stream_class); }
std::uint64_t unsigned_of(std::int64_t v) { return static_cast<std::uint64_t>(v); }

/// Sequence numbers are stored as 64 bits with a sign; stores refuse larger ones.
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

}  // namespace

Result<> ProducerLog::open_session(const StreamKey& stream, std::uint64_t session_token) {
  return connection_.run("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)", stream.agent.str(),
                         number(stream.stream_class), session_token);
}

Result<std::optional<EpochState>> ProducerLog::epoch(const EpochId& epoch) {
  EpochState state;
  {
    MW_ASSIGN(Rows rows, connection_.query("SELECT watermark, chain, moved_through, forked "
                                           "FROM epochs WHERE epoch = ?",
                                           blob(epoch)));
    MW_ASSIGN(const bool found, rows.next());
    if (!found) return std::optional<EpochState>();
    state.watermark = unsigned_of(rows->integer(0));
    state.chain = unsigned_of(rows->integer(1));
    state.moved_through = unsigned_of(rows->integer(2));
    state.forked = rows->integer(3) != 0;
  }
  MW_ASSIGN(Rows rows, connection_.query("SELECT base_seq, end_seq, chain FROM ledger "
                                         "WHERE epoch = ? ORDER BY end_seq DESC LIMIT ?",
                                         blob(epoch), kLedgerTail));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) break;
    state.ledger.push_back({unsigned_of(rows->integer(0)), unsigned_of(rows->integer(1)),
                            unsigned_of(rows->integer(2))});
  }
  std::reverse(state.ledger.begin(), state.ledger.end());
  return std::optional(std::move(state));
}

Result<std::optional<EpochId>> ProducerLog::newest_epoch(const StreamKey& stream) {
  MW_ASSIGN(Rows rows, connection_.query("SELECT epoch FROM epochs WHERE agent = ? AND class = ? "
                                         "AND advanced > 0 ORDER BY advanced DESC LIMIT 1",
                                         stream.agent.str(), number(stream.stream_class)));
  MW_ASSIGN(const bool found, rows.next());
  if (!found) return std::optional<EpochId>();
  return std::optional(epoch_of(rows->blob(0)));
}

Result<std::vector<DictionaryMapping>> ProducerLog::dictionary(const EpochId& epoch) {
  std::vector<DictionaryMapping> out;
  MW_ASSIGN(Rows rows, connection_.query("SELECT reference, series FROM dictionary "
                                         "WHERE epoch = ? ORDER BY reference",
                                         blob(epoch)));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return out;
    out.push_back({static_cast<std::uint32_t>(rows->integer(0)), SeriesId{rows->integer(1)}});
  }
}

Result<std::vector<std::string>> ProducerLog::refusals(const EpochId& epoch, std::uint64_t from_seq,
                                                       std::uint64_t to_seq) {
  std::vector<std::string> out;
  MW_ASSIGN(Rows rows, connection_.query("SELECT refusals FROM ledger WHERE epoch = ? AND "
                                         "end_seq >= ? AND base_seq <= ? AND refusals <> x'' "
                                         "ORDER BY end_seq",
                                         blob(epoch), clamp(from_seq), clamp(to_seq)));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return out;
    out.push_back(to_string(rows->blob(0)));
  }
}

Result<> ProducerLog::remove_agent(const DeviceId& agent) {
  for (const char* sql :
       {"DELETE FROM ledger WHERE epoch IN (SELECT epoch FROM epochs WHERE agent = ?)",
        "DELETE FROM dictionary WHERE epoch IN (SELECT epoch FROM epochs WHERE agent = ?)",
        "DELETE FROM epochs WHERE agent = ?", "DELETE FROM sessions WHERE agent = ?"}) {
    MW_TRY(connection_.run(sql, agent.str()));
  }
  return {};
}

Result<> ProducerLog::mark_forked(const EpochId& epoch) {
  MW_TRY(connection_.run("UPDATE epochs SET forked = 1 WHERE epoch = ?", blob(epoch)));
  if (connection_.database().changes() == 0) {
    return not_found("the epoch is not known; nothing to mark");
  }
  return {};
}

Result<std::vector<DeclaredGap>> ProducerLog::gaps() {
  std::vector<DeclaredGap> out;
  MW_ASSIGN(Rows rows, connection_.query("SELECT agent, class, epoch, from_seq, to_seq, "
                                         "sample_count, reason, declared_us FROM gaps "
                                         "ORDER BY id"));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return out;
    MW_ASSIGN(DeviceId agent, agent_of(rows->text(0)));
    out.push_back({{std::move(agent), static_cast<StreamClass>(rows->integer(1))},
                   epoch_of(rows->blob(2)),
                   unsigned_of(rows->integer(3)),
                   unsigned_of(rows->integer(4)),
                   unsigned_of(rows->integer(5)),
                   rows->text(6),
                   from_us(rows->integer(7))});
  }
}

Result<std::uint64_t> ProducerLog::quarantined_count() {
  MW_ASSIGN(const std::optional<std::int64_t> count,
            connection_.integer("SELECT count(*) FROM quarantine"));
  return unsigned_of(count.value_or(0));
}

// Writing -----------------------------------------------------------------------------------------

Result<> ProducerLog::check(const EpochAdvance& advance) {
  MW_ASSIGN(const std::optional<std::int64_t> stored,
            connection_.integer("SELECT token FROM sessions WHERE agent = ? AND class = ?",
                                advance.stream.agent.str(), number(advance.stream.stream_class)));
  std::optional<std::uint64_t> token;
  if (stored) token = unsigned_of(*stored);
  std::optional<EpochPosition> position;
  MW_ASSIGN(Rows rows, connection_.query("SELECT agent, class, watermark FROM epochs "
                                         "WHERE epoch = ?",
                                         blob(advance.epoch)));
  MW_ASSIGN(const bool known, rows.next());
  if (known) {
    position.emplace();
    if (!rows->is_null(0)) {
      MW_ASSIGN(DeviceId agent, agent_of(rows->text(0)));
      position->stream = StreamKey{std::move(agent), static_cast<StreamClass>(rows->integer(1))};
    }
    position->watermark = unsigned_of(rows->integer(2));
  }
  return check_advance(advance, token, position);
}

Result<> ProducerLog::store(const Append& append, std::uint64_t version) {
  std::optional<Blob> epoch;
  if (append.advance) epoch = blob(append.advance->epoch);
  if (append.gap) MW_TRY(store_gap(*append.gap));
  for (const QuarantinedItem& item : append.quarantine) {
    MW_TRY(connection_.run("INSERT INTO quarantine (epoch, seq, reason, bytes) VALUES (?, ?, ?, ?)",
                           epoch, clamp(item.seq), item.reason, as_blob(item.bytes)));
  }
  if (!append.advance) return {};
  for (const DictionaryMapping& mapping : append.dictionary) {
    MW_TRY(connection_.run("INSERT OR REPLACE INTO dictionary VALUES (?, ?, ?)", *epoch,
                           std::int64_t{mapping.reference},
                           static_cast<std::int64_t>(mapping.series)));
  }
  for (const MovedMark& mark : append.moved) {
    MW_TRY(connection_.run(
        "INSERT INTO epochs (epoch, moved_through) VALUES (?1, ?2) ON CONFLICT (epoch) "
        "DO UPDATE SET moved_through = max(moved_through, ?2)",
        blob(mark.original), clamp(mark.through)));
  }
  return advance(*append.advance, version);
}

Result<> ProducerLog::advance(const EpochAdvance& advance, std::uint64_t version) {
  MW_TRY(connection_.run(
      "INSERT INTO epochs (epoch, agent, class, watermark, chain, advanced) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (epoch) DO UPDATE "
      "SET agent = ?2, class = ?3, watermark = ?4, chain = ?5, advanced = ?6",
      blob(advance.epoch), advance.stream.agent.str(), number(advance.stream.stream_class),
      advance.end_seq, advance.chain, version));
  MW_TRY(connection_.run("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?)", blob(advance.epoch),
                         advance.end_seq, advance.base_seq, advance.chain, advance.sample_count,
                         to_us(advance.arrived_at), as_blob(advance.refusals)));
  if (++ledger_rows_ % kPruneEvery == 0) return prune_ledger(advance.epoch);
  return {};
}

Result<> ProducerLog::store_gap(const DeclaredGap& gap) {
  return connection_.run(
      "INSERT INTO gaps (agent, class, epoch, from_seq, to_seq, sample_count, reason, "
      "declared_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      gap.stream.agent.str(), number(gap.stream.stream_class), blob(gap.epoch), gap.from_seq,
      gap.to_seq, gap.sample_count, gap.reason, to_us(gap.declared_at));
}

Result<> ProducerLog::prune_ledger(const EpochId& epoch) {
  return connection_.run(
      "DELETE FROM ledger WHERE epoch = ?1 AND refusals = x'' AND end_seq <= "
      "(SELECT end_seq FROM ledger WHERE epoch = ?1 ORDER BY end_seq DESC LIMIT 1 OFFSET ?2)",
      blob(epoch), kLedgerKept);
}

}  // namespace millwright
