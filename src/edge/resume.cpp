#include "edge/resume.h"

namespace millwright::edge {

using ::millwright::ingest::v1::EpochState;

Resume roll_after_common_point(const journal::EpochInfo& mine, const EpochState& hub,
                               const ChainAt& chain_at, std::string reason) {
  // Without a common point in the ledger everything that is still here moves.
  std::uint64_t common = mine.first_seq - 1;
  for (const auto& entry : hub.ledger()) {
    if (entry.end_seq() < common || entry.end_seq() >= mine.next_seq) continue;
    if (chain_at(entry.end_seq()) == entry.chain()) common = entry.end_seq();
  }
  Resume resume;
  resume.is_roll = true;
  resume.is_forked = true;
  resume.reason = std::move(reason);
  resume.undelivered_from = common + 1;
  // What the budget dropped before it was delivered or could be moved.
  if (common + 1 == mine.first_seq && common > mine.acknowledged) {
    resume.lost = common - mine.acknowledged;
    resume.lost_reason = journal::HoleReason::kJournalFull;
  }
  return resume;
}

namespace {

Resume roll_after_lost_epoch(const journal::EpochInfo& mine) {
  Resume resume;
  resume.is_roll = true;
  resume.reason = "the hub does not know the epoch that it has acknowledged";
  resume.undelivered_from = mine.first_seq;
  resume.lost = mine.first_seq - 1;
  resume.lost_reason = journal::HoleReason::kHubLostEpoch;
  return resume;
}

Resume go_on_from(std::uint64_t seq) {
  Resume resume;
  resume.next_seq = seq;
  return resume;
}

}  // namespace

Resume decide_resume(const journal::EpochInfo& mine, const EpochState& hub,
                     const ChainAt& chain_at) {
  const std::uint64_t watermark = hub.watermark();
  if (!hub.known()) {
    return mine.acknowledged > 0 ? roll_after_lost_epoch(mine) : go_on_from(1);
  }
  const auto roll = [&](const char* reason) {
    return roll_after_common_point(mine, hub, chain_at, reason);
  };
  if (hub.forked()) return roll("the hub has marked the epoch as forked");
  if (watermark >= mine.next_seq) return roll("the hub has more records than this journal");
  const auto chain = chain_at(watermark);
  if (chain) {
    if (*chain != hub.chain()) return roll("the hub's records are not those of this journal");
    return go_on_from(watermark + 1);
  }
  // The chain at W is not here any more: believed only as far as our own acknowledgements reach.
  if (watermark > mine.acknowledged) return roll("this journal cannot show its past at the hub's");
  return go_on_from(watermark + 1);
}

std::optional<std::uint64_t> decide_replay(const journal::EpochInfo& mine, const EpochState& hub,
                                           const ChainAt& chain_at) {
  const std::uint64_t watermark = hub.known() ? hub.watermark() : 0;
  if (watermark >= mine.delivered || hub.forked()) return std::nullopt;
  const auto chain = chain_at(watermark);
  if (hub.known() && chain && *chain != hub.chain()) return std::nullopt;
  return watermark + 1;
}

}  // namespace millwright::edge
