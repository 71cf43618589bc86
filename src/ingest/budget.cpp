#include "ingest/budget.h"

namespace millwright::ingest {

Budget::Budget(const HubOptions& options, telemetry::Gauge& queue_bytes)
    : options_(options), queue_bytes_(queue_bytes) {}

bool Budget::has_room(const Share& share) const {
  const auto tenant = by_tenant_.find(share.tenant_);
  const std::size_t tenant_bytes = tenant == by_tenant_.end() ? 0 : tenant->second;
  return share.bytes_ < options_.session_credit_bytes &&
         tenant_bytes < options_.tenant_budget_bytes && total_ < options_.total_budget_bytes;
}

Flow Budget::take(const Use& use) {
  const std::lock_guard lock(mutex_);
  Share& share = *use.share;
  share.bytes_ += use.bytes;
  by_tenant_[share.tenant_] += use.bytes;
  total_ += use.bytes;
  queue_bytes_.set(static_cast<double>(total_));
  if (has_room(share)) return Flow::kContinue;
  if (!share.waiting_) {
    share.waiting_ = true;
    waiting_.push_back(use.share);
  }
  return Flow::kWait;
}

void Budget::give_back(std::span<const Use> uses) {
  std::vector<std::shared_ptr<Share>> woken;
  {
    const std::lock_guard lock(mutex_);
    for (const Use& use : uses) {
      use.share->bytes_ -= use.bytes;
      by_tenant_[use.share->tenant_] -= use.bytes;
      total_ -= use.bytes;
    }
    queue_bytes_.set(static_cast<double>(total_));
    std::erase_if(waiting_, [&](const std::shared_ptr<Share>& share) {
      if (!has_room(*share)) return false;
      share->waiting_ = false;
      woken.push_back(share);
      return true;
    });
  }
  for (const auto& share : woken) share->wake_();
}

}  // namespace millwright::ingest
