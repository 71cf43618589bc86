// The beginning of a session: who holds a stream, and what the hub knows of each offered epoch.

#include "base/log.h"
#include "base/text.h"
#include "ingest/stream_rules.h"

namespace millwright::ingest {

void StreamRules::hello(const SessionPtr& session, Hello hello) {
  if (session->is_over) return;
  const auto handled = [&]() -> Result<> {
    MW_ASSIGN(const bool registered, devices_.contains_now(session->agent));
    if (!registered) {
      return not_found("device " + quote(session->agent.str()) +
                       " is not registered; register it first");
    }
    session->offers = std::move(hello.epochs);
    for (const EpochOffer& offer : session->offers) {
      if (!session->opened.contains(offer.stream_class)) {
        MW_TRY(open_class(session, offer.stream_class));
      }
    }
    Welcome answer{session->token, clock_.now(), {}, options_.session_credit_bytes};
    for (const EpochOffer& offer : session->offers) {
      MW_ASSIGN(WelcomeEpoch epoch, welcome(session, offer));
      answer.epochs.push_back(std::move(epoch));
    }
    session->answer(std::move(answer));
    return {};
  }();
  if (handled) return;
  Error error = handled.error();
  if (is_failure_of_medium(error)) {
    log::error("the tenant's store failed at a Hello",
               {{"error", error.message}, {"detail", error.detail}});
    error = unavailable("the hub's store did not answer; connect again later");
  }
  session->answer(Closed{std::move(error)});
}

Result<> StreamRules::open_class(const SessionPtr& session, StreamClass stream_class) {
  const StreamKey stream{session->agent, stream_class};
  MW_TRY(store_.samples().open_session(stream, session->token));
  std::weak_ptr<SessionState>& holder = holders_[stream];
  if (const auto before = holder.lock(); before && before != session) {
    before->answer(Closed{Error{
        ErrorCode::kAborted, "a newer connection of this agent has taken over; end this one", {}}});
  }
  holder = session;
  session->opened.insert(stream_class);
  return look_for_lost_lineage(*session, stream);
}

// Where the hub knows lineages of this stream, but none that the agent offers or continues, the
// agent's journal is gone, and with it what it had not sent. A known lineage that is not the newest
// is none: two agents with one identity take turns so, and neither has lost anything.
Result<> StreamRules::look_for_lost_lineage(SessionState& session, const StreamKey& stream) {
  MW_ASSIGN(const std::optional<EpochId> newest, store_.samples().newest_epoch(stream));
  if (!newest) return {};
  for (const EpochOffer& offer : session.offers) {
    if (offer.stream_class != stream.stream_class) continue;
    MW_ASSIGN(const EpochCursor* offered, cursors_.find(stored_epoch(stream, offer.epoch)));
    if (offered->known) return {};
    if (!offer.previous_epoch) continue;
    MW_ASSIGN(const EpochCursor* before,
              cursors_.find(stored_epoch(stream, *offer.previous_epoch)));
    if (before->known) return {};
  }
  MW_ASSIGN(const std::vector<DeclaredGap> gaps, store_.samples().gaps());
  for (const DeclaredGap& gap : gaps) {
    if (gap.epoch == *newest && gap.reason == kJournalReplaced) return {};  // once for each lineage
  }
  MW_ASSIGN(const EpochCursor* cursor, cursors_.find(*newest));
  session.lost[stream.stream_class] = LostLineage{*newest, cursor->watermark};
  return {};
}

Result<WelcomeEpoch> StreamRules::welcome(const SessionPtr& session, const EpochOffer& offer) {
  const StreamKey stream{session->agent, offer.stream_class};
  MW_ASSIGN(EpochCursor * cursor, cursors_.find(stored_epoch(stream, offer.epoch)));
  if (cursor->known && !cursor->forked && differs(*cursor, offer)) {
    MW_TRY(store_.samples().mark_forked(cursor->id));
    cursor->forked = true;
    group_.add(Outcome{{},
                       {},
                       {},
                       0,
                       {},
                       {},
                       0,
                       0,
                       {},
                       {event(session->agent, "journal_forked",
                              "the agent's journal is another past of its epoch than the hub's; "
                              "it goes on as a new one")},
                       {}});
  }
  WelcomeEpoch out{offer.epoch, cursor->known, {}};
  out.state.watermark = cursor->watermark;
  out.state.chain = cursor->chain;
  out.state.moved_through = cursor->moved_through;
  out.state.forked = cursor->forked;
  out.state.ledger.assign(cursor->ledger.begin(), cursor->ledger.end());
  return out;
}

// The agent's disk was rolled back, or it has a twin: it lacks records that the hub has, or shows
// another chain where the hub knows one.
bool StreamRules::differs(const EpochCursor& cursor, const EpochOffer& offer) {
  if (cursor.watermark >= offer.next_seq) return true;
  for (const ChainPoint& point : offer.chain_at) {
    if (point.seq == cursor.watermark && point.chain != cursor.chain) return true;
    for (const LedgerEntry& entry : cursor.ledger) {
      if (entry.end_seq == point.seq && entry.chain != point.chain) return true;
    }
  }
  return false;
}

}  // namespace millwright::ingest
