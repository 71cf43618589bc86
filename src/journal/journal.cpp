#include "journal/journal.h"

#include <sys/random.h>

#include "base/check.h"

namespace millwright::journal {

EpochId random_epoch() {
  EpochId id{};
  MW_CHECK(getrandom(id.data(), id.size(), 0) == static_cast<ssize_t>(id.size()));
  return id;
}

std::string_view to_string(HoleReason reason) {
  switch (reason) {
    case HoleReason::kNone:
      return "none";
    case HoleReason::kJournalFull:
      return "journal_full";
    case HoleReason::kTrimmed:
      return "trimmed_before_restore";
    case HoleReason::kDamaged:
      return "journal_damaged";
    case HoleReason::kHubLostEpoch:
      return "hub_lost_epoch";
  }
  return "none";
}

}  // namespace millwright::journal
