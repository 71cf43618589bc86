#include "uplink/backoff.h"

#include <gtest/gtest.h>

namespace millwright::uplink {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, GrowsToItsLongestAndStartsAgainAfterSuccess) {
  Backoff backoff({1s, 60s}, 7);
  std::chrono::milliseconds longest{0};
  for (int i = 0; i < 200; ++i) {
    const auto wait = backoff.next();
    EXPECT_GE(wait, 10ms);
    EXPECT_LE(wait, 60s);
    if (i == 0) {
      EXPECT_LE(wait, 1s);
    }
    longest = std::max(longest, wait);
  }
  EXPECT_GT(longest, 30s) << "jitter is over the whole range";
  backoff.succeeded();
  EXPECT_LE(backoff.next(), 1s);
}

}  // namespace
}  // namespace millwright::uplink
