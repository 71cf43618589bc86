#include "uplink/backoff.h"

namespace millwright::uplink {

std::chrono::milliseconds Backoff::next() {
  using std::chrono::milliseconds;
  milliseconds ceiling = options_.first;
  for (unsigned i = 0; i < failures_ && ceiling < options_.longest; ++i) ceiling *= 2;
  ceiling = std::min(ceiling, options_.longest);
  ++failures_;
  const auto range = static_cast<std::uint64_t>(std::max<std::int64_t>(ceiling.count(), 1));
  return std::max(milliseconds(10), milliseconds(static_cast<std::int64_t>(random_() % range)));
}

}  // namespace millwright::uplink
