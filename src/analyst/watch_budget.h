#pragma once
/// How many metrics of all tenants together may have a detector that keeps weeks of past in memory.
///
/// Shared by the tenants of one analyst, whose worker owns it: not thread-safe. Outlives its
/// shares.

#include <cstddef>
#include <memory>

namespace millwright {

class WatchBudget {
 public:
  /// One metric's part; goes back by itself.
  struct GiveBack {
    void operator()(WatchBudget* budget) const { ++budget->left_; }
  };
  using Share = std::unique_ptr<WatchBudget, GiveBack>;

  explicit WatchBudget(std::size_t metrics) : left_(metrics) {}
  WatchBudget(const WatchBudget&) = delete;
  WatchBudget& operator=(const WatchBudget&) = delete;

  /// Empty when none is left.
  Share take() {
    if (left_ == 0) return nullptr;
    --left_;
    return Share(this);
  }

 private:
  std::size_t left_;
};

}  // namespace millwright
