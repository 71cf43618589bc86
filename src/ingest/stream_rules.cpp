#include "ingest/stream_rules.h"

#include "base/log.h"
#include "base/text.h"
#include "ingest/append_builder.h"
#include "ingest/refusals.h"

namespace millwright::ingest {
namespace {

constexpr std::uint64_t kMostInGap = 1'000'000'000'000;
constexpr std::size_t kMostReasonBytes = 64;

std::string_view name(StreamClass stream_class) {
  switch (stream_class) {
    case StreamClass::kAlarm:
      return "alarm";
    case StreamClass::kTelemetry:
      return "telemetry";
    case StreamClass::kBulk:
      return "bulk";
  }
  return "unknown";
}

/// The store's own failures become "try again": the producer keeps everything.
Error for_producer(const Error& error) {
  if (!is_failure_of_medium(error)) return error;
  log::error("the tenant's store failed while records were judged",
             {{"error", error.message}, {"detail", error.detail}});
  return unavailable(
      "the hub's store did not answer; connect again and send what is not "
      "acknowledged");
}

/// A reason is a word for programs; whatever else comes is not repeated to people.
std::string clean_reason(const std::string& reason) {
  const bool is_word = !reason.empty() && std::all_of(reason.begin(), reason.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  return is_word ? reason : "unspecified";
}

Result<> check_shape(const RecordBatch& batch) {
  if (batch.records.empty()) return invalid_argument("the batch has no records; leave it out");
  if (batch.records.size() > record::kMaxSamplesPerMessage) {
    return invalid_argument("the batch has " + std::to_string(batch.records.size()) +
                            " records; at most 65536 are allowed, send more batches");
  }
  if (batch.base_seq == 0 || batch.base_seq > UINT64_MAX - batch.records.size()) {
    return invalid_argument("base_seq " + std::to_string(batch.base_seq) +
                            " is no place in an epoch; records are numbered from 1");
  }
  std::uint32_t crc = 0;
  for (const std::string& bytes : batch.records) crc = record::crc32c(crc, bytes);
  if (crc != batch.crc32c) {
    return invalid_argument("crc32c of the batch with base_seq " + std::to_string(batch.base_seq) +
                            " does not fit its records; read them from the journal again");
  }
  return {};
}

Result<> check_shape(const GapNotice& gap) {
  if (gap.from_seq == 0 || gap.to_seq < gap.from_seq || gap.to_seq == UINT64_MAX) {
    return invalid_argument("the gap from " + std::to_string(gap.from_seq) + " to " +
                            std::to_string(gap.to_seq) +
                            " is no span; records are numbered "
                            "from 1 upwards");
  }
  if (gap.to_seq - gap.from_seq >= kMostInGap) {
    return invalid_argument("the gap from " + std::to_string(gap.from_seq) + " to " +
                            std::to_string(gap.to_seq) +
                            " spans more than 10^12 records; begin a new epoch");
  }
  if (gap.reason.size() > kMostReasonBytes) {
    return invalid_argument("reason of the gap from " + std::to_string(gap.from_seq) + " to " +
                            std::to_string(gap.to_seq) + " has " +
                            std::to_string(gap.reason.size()) +
                            " bytes; a reason is a word of at most 64, like journal_full");
  }
  return {};
}

}  // namespace

StreamRules::StreamRules(TenantStore& store, EpochCursors& cursors, KnownDevices& devices,
                         GroupCommit& group, const Clock& clock, Counters& counters,
                         const HubOptions& options)
    : store_(store),
      cursors_(cursors),
      devices_(devices),
      group_(group),
      clock_(clock),
      counters_(counters),
      options_(options) {}

void StreamRules::batch(const SessionPtr& session, const RecordBatch& batch) {
  if (session->is_over) return;
  const auto handled = [&]() -> Result<> {
    MW_TRY(options_.admit());
    MW_TRY(check_shape(batch));
    MW_ASSIGN(const Place where, place(session, batch.stream_class, batch.epoch));
    return apply(session, batch, where);
  }();
  if (!handled) end(session, for_producer(handled.error()));
}

void StreamRules::gap(const SessionPtr& session, const GapNotice& gap) {
  if (session->is_over) return;
  const auto handled = [&]() -> Result<> {
    MW_TRY(options_.admit());
    MW_TRY(check_shape(gap));
    MW_ASSIGN(const Place where, place(session, gap.stream_class, gap.epoch));
    return apply(session, gap, where);
  }();
  if (!handled) end(session, for_producer(handled.error()));
}

Result<StreamRules::Place> StreamRules::place(const SessionPtr& session, StreamClass stream_class,
                                              const EpochId& epoch) {
  const StreamKey stream{session->agent, stream_class};
  if (!session->opened.contains(stream_class)) {
    group_.commit();  // of the session that this one takes the stream from
    MW_TRY(open_class(session, stream_class));
  }
  if (holders_[stream].lock() != session) {
    return Error{ErrorCode::kAborted,
                 "a newer connection of this agent has taken over the " +
                     std::string(name(stream_class)) + " stream; end this one",
                 {}};
  }
  MW_ASSIGN(EpochCursor * cursor, cursors_.find(stored_epoch(stream, epoch)));
  return Place{stream, epoch, cursor};
}

Result<> StreamRules::apply(const SessionPtr& session, const RecordBatch& batch,
                            const Place& place) {
  const EpochCursor& cursor = *place.cursor;
  const std::uint64_t end_seq = batch.base_seq + batch.records.size() - 1;
  if (batch.base_seq > cursor.watermark + 1) {
    expect(session, place, batch.base_seq);
    return {};
  }
  session->expected.erase(place.wire);
  if (end_seq <= cursor.watermark) {
    for (const LedgerEntry& entry : cursor.ledger) {
      if (entry.end_seq == end_seq && entry.chain != batch.chain_end) return fork(session, place);
    }
    counters_.records_duplicate.add(static_cast<double>(batch.records.size()));
    return acknowledge_again(session, place, batch.base_seq, end_seq);
  }
  // Walking on from our own chain shows two things at once: that the agent's past up to W is ours,
  // and that these are the records it means.
  const std::size_t known = cursor.watermark + 1 - batch.base_seq;
  std::uint64_t chain = cursor.chain;
  for (std::size_t i = known; i < batch.records.size(); ++i) {
    chain = record::next_chain(chain, batch.records[i]);
  }
  if (chain != batch.chain_end) return fork(session, place);
  counters_.records_duplicate.add(static_cast<double>(known));
  return append(session, batch, place, known, chain);
}

Result<std::vector<UnwrappedRecord>> StreamRules::read(const RecordBatch& batch,
                                                       std::size_t known) const {
  std::vector<UnwrappedRecord> records;
  records.reserve(batch.records.size() - known);
  std::size_t samples = 0;
  for (std::size_t i = known; i < batch.records.size(); ++i) {
    records.push_back(unwrap(batch.records[i]));
    samples += count_samples(records.back());
  }
  if (samples > record::kMaxSamplesPerMessage) {
    return invalid_argument("the batch with base_seq " + std::to_string(batch.base_seq) + " has " +
                            std::to_string(samples) +
                            " samples; at most 65536 are allowed in a message, send more batches");
  }
  return records;
}

Result<> StreamRules::append(const SessionPtr& session, const RecordBatch& batch,
                             const Place& place, std::size_t known, std::uint64_t chain) {
  MW_ASSIGN(std::vector<UnwrappedRecord> records, read(batch, known));
  declare_lost_lineage(*session, place);
  EpochCursor& cursor = *place.cursor;
  const std::uint64_t base_seq = batch.base_seq + known;
  const std::uint64_t end_seq = batch.base_seq + batch.records.size() - 1;
  const Timestamp now = clock_.now();
  Append append;
  const AppendBuilder::Surroundings around{store_.catalog(), devices_, cursors_, group_.touched(),
                                           to_us(now + options_.future_tolerance)};
  AppendBuilder builder(around, place.stream, cursor, append);
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (auto added = builder.add(base_seq + i, std::move(records[i])); !added) {
      group_.commit();  // what came before stands on its own; the cursor is ahead of it
      cursors_.drop_all();
      return added.error();
    }
  }
  auto findings = builder.finish();
  append.advance = EpochAdvance{place.stream,     cursor.id, session->token,
                                base_seq,         end_seq,   chain,
                                findings.samples, now,       encode_refusals(findings.refusals)};
  Outcome outcome{session, place.wire, cursor.id, end_seq, {}, {}, 0, 0, {}, {}, {}};
  for (Quarantined& quarantined : findings.quarantined) {
    quarantined.epoch = place.wire;
    outcome.replies.emplace_back(std::move(quarantined));
  }
  if (!findings.quarantined.empty() || findings.samples_quarantined > 0) {
    outcome.events.push_back(event(session->agent, "quarantined",
                                   std::to_string(findings.quarantined.size()) +
                                       " unreadable records and " +
                                       std::to_string(findings.samples_quarantined) +
                                       " samples ahead of the clock are kept aside"));
  }
  outcome.records_quarantined = findings.quarantined.size();
  outcome.samples_quarantined = findings.samples_quarantined;
  outcome.replies.emplace_back(Ack{place.wire, end_seq, findings.refusals});
  outcome.refusals = std::move(findings.refusals);
  cursor.advance(base_seq, end_seq, chain);
  outcome.append = group_.add(std::move(append));
  group_.add(std::move(outcome));
  return {};
}

Result<> StreamRules::apply(const SessionPtr& session, const GapNotice& gap, const Place& place) {
  EpochCursor& cursor = *place.cursor;
  if (gap.from_seq > cursor.watermark + 1) {
    expect(session, place, gap.from_seq);
    return {};
  }
  session->expected.erase(place.wire);
  if (gap.to_seq <= cursor.watermark) {
    return acknowledge_again(session, place, gap.from_seq, gap.to_seq);
  }
  declare_lost_lineage(*session, place);
  const std::uint64_t base_seq = cursor.watermark + 1;
  const std::uint64_t count = gap.to_seq - cursor.watermark;
  const std::string reason = clean_reason(gap.reason);
  const Timestamp now = clock_.now();
  Append append;
  append.gap =
      DeclaredGap{place.stream, cursor.id, base_seq, gap.to_seq, gap.sample_count, reason, now};
  append.advance = EpochAdvance{
      place.stream, cursor.id, session->token, base_seq, gap.to_seq, gap.chain_end, 0, now, {}};
  Outcome outcome{session, place.wire, cursor.id, gap.to_seq, {}, {}, 0, 0, {}, {}, {}};
  outcome.replies.emplace_back(Ack{place.wire, gap.to_seq, {}});
  std::string text = std::to_string(count) + (count == 1 ? " record" : " records");
  if (gap.sample_count > 0) text += " with " + std::to_string(gap.sample_count) + " samples";
  outcome.events.push_back(event(session->agent, "gap",
                                 text + " of the " + std::string(name(gap.stream_class)) +
                                     " stream will never arrive: " + reason));
  counters_.gaps.add();
  cursor.advance(base_seq, gap.to_seq, gap.chain_end);
  outcome.append = group_.add(std::move(append));
  group_.add(std::move(outcome));
  return {};
}

Result<> StreamRules::acknowledge_again(const SessionPtr& session, const Place& place,
                                        std::uint64_t from_seq, std::uint64_t end_seq) {
  const EpochId id = place.cursor->id;
  group_.commit();  // the records may wait in this very group
  if (session->is_over) return {};
  MW_ASSIGN(const EpochCursor* cursor, cursors_.find(id));
  if (cursor->watermark < end_seq) {  // that commit failed; the session was told
    return {};
  }
  MW_ASSIGN(const std::vector<std::string> rows, store_.samples().refusals(id, from_seq, end_seq));
  session->answer(Ack{place.wire, cursor->watermark, decode_refusals(rows, from_seq, end_seq)});
  return {};
}

// One Nack for each hole: the batches that were under way behind it are void without a word. An
// agent that has gone back and still does not fit is told again.
void StreamRules::expect(const SessionPtr& session, const Place& place, std::uint64_t from_seq) {
  const std::uint64_t expected = place.cursor->watermark + 1;
  const auto [told, is_new] = session->expected.try_emplace(place.wire);
  const bool was_under_way =
      !is_new && told->second.expected == expected && from_seq > told->second.last_base_seq;
  told->second = {expected, from_seq};
  if (was_under_way) return;
  Outcome outcome{session, place.wire, place.cursor->id, UINT64_MAX, {}, {}, 0, 0, {}, {}, {}};
  outcome.replies.emplace_back(Nack{place.wire, expected,
                                    "record " + std::to_string(from_seq) + " came where record " +
                                        std::to_string(expected) + " is expected"});
  group_.add(std::move(outcome));
}

// The hub's past of this epoch and the agent's differ. The mark makes the next Welcome say so, and
// the agent goes on under a new epoch.
Error StreamRules::fork(const SessionPtr& session, const Place& place) {
  if (place.cursor->watermark == 0) {
    return invalid_argument(
        "chain_end does not fit the records from the epoch's beginning; the "
        "chain is BLAKE2b with 8 bytes over the previous hash and the record");
  }
  const EpochId id = place.cursor->id;
  group_.commit();
  if (const auto marked = store_.samples().mark_forked(id); !marked) return marked.error();
  cursors_.drop_all();
  Outcome outcome;
  outcome.events.push_back(event(session->agent, "journal_forked",
                                 "the agent's journal of the " +
                                     std::string(name(place.stream.stream_class)) +
                                     " stream no longer continues what the hub has; it goes on as "
                                     "a new one"));
  group_.add(std::move(outcome));
  return failed_precondition(
      "the records do not continue what the hub has of this epoch; begin a "
      "new epoch and move what is not acknowledged");
}

void StreamRules::declare_lost_lineage(SessionState& session, const Place& place) {
  if (place.cursor->known) return;  // records of an old lineage replace nothing
  const StreamKey& stream = place.stream;
  const auto found = session.lost.find(stream.stream_class);
  if (found == session.lost.end()) return;
  const LostLineage lost = found->second;
  session.lost.erase(found);
  Append append;
  append.gap =
      DeclaredGap{stream, lost.epoch, lost.watermark + 1, 0, 0, kJournalReplaced, clock_.now()};
  Outcome outcome;
  outcome.events.push_back(event(stream.agent, kJournalReplaced,
                                 "the agent's journal of the " +
                                     std::string(name(stream.stream_class)) +
                                     " stream was replaced; what it had not sent after record " +
                                     std::to_string(lost.watermark) + " is lost"));
  counters_.gaps.add();
  outcome.append = group_.add(std::move(append));
  group_.add(std::move(outcome));
}

void StreamRules::end(const SessionPtr& session, Error error) {
  // In its turn: what came before is stored and answered first.
  group_.commit();
  session->answer(Closed{std::move(error)});
}

Event StreamRules::event(const DeviceId& device, std::string kind, std::string message) const {
  return Event{0, device, std::move(kind), std::move(message), clock_.now()};
}

}  // namespace millwright::ingest
