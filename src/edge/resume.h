#pragma once
/// What follows from the hub's Welcome for the current epoch: go on, or begin a new one.
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

}  // namespace millwright::edge
