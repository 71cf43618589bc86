#pragma once
/// What follows from the hub's Welcome: for the current epoch to go on or to begin a new one, for a
/// closed one that its records are sent once more.
///
/// docs/ingest-protocol.md tells the rules. Pure.

#include <functional>

#include "journal/journal.h"
#include "millwright/ingest/v1/ingest.pb.h"

namespace millwright::edge {

struct Resume {
  bool is_roll = false;
  std::string reason;          ///< of a roll, in words
  std::uint64_t next_seq = 0;  ///< without a roll: the first record to send (or to declare)
  // With a roll:
  std::uint64_t undelivered_from = 0;  ///< records from here on move to the new epoch
  std::uint64_t lost = 0;              ///< numbers that the new epoch declares as lost at its start
  journal::HoleReason lost_reason = journal::HoleReason::kNone;
  bool is_forked = false;  ///< the hub's past differs from ours
};

/// The journal's chain hash after a record, where it is known.
using ChainAt = std::function<std::optional<std::uint64_t>(std::uint64_t seq)>;

Resume decide_resume(const journal::EpochInfo& mine,
                     const ::millwright::ingest::v1::EpochState& hub, const ChainAt& chain_at);

/// The new epoch after the last point that both sides have, whatever the hub's state says.
Resume roll_after_common_point(const journal::EpochInfo& mine,
                               const ::millwright::ingest::v1::EpochState& hub,
                               const ChainAt& chain_at, std::string reason);

/// The first record of a closed epoch to send once more, up to mine.delivered: the hub's database
/// is an older one than that which took them. Missing where the hub has them, or where its past
/// is another one: what such an epoch had not delivered was moved, and comes with a later epoch.
std::optional<std::uint64_t> decide_replay(const journal::EpochInfo& mine,
                                           const ::millwright::ingest::v1::EpochState& hub,
                                           const ChainAt& chain_at);

}  // namespace millwright::edge
