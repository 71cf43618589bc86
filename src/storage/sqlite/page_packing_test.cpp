#include "storage/sqlite/page_packing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace millwright {
namespace {

/// Pages that rows take which are appended in this order.
std::size_t pages_of(std::span<const std::size_t> sizes, std::span<const std::size_t> order,
                     std::size_t page_bytes) {
  std::size_t pages = 0;
  std::size_t free = 0;
  for (const std::size_t row : order) {
    if (sizes[row] > free) {
      ++pages;
      free = std::max(page_bytes, sizes[row]);
    }
    free -= sizes[row];
  }
  return pages;
}

TEST(PagePacking, EveryRowComesOnceAndPagesAreFull) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937_64 random(seed);
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 400; ++i)
    sizes.push_back(i % 4 == 3 ? 13'000 + random() % 3'000 : 500 + random() % 3'500);
  const std::vector<std::size_t> order = pack_pages(sizes, 65'000);
  std::vector<std::size_t> seen = order;
  std::sort(seen.begin(), seen.end());
  std::vector<std::size_t> all(sizes.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  EXPECT_EQ(seen, all);
  const std::size_t bytes = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  const std::size_t packed = pages_of(sizes, order, 65'000);
  EXPECT_LE(packed, pages_of(sizes, all, 65'000));
  EXPECT_LE(static_cast<double>(packed) * 65'000, static_cast<double>(bytes) * 1.05 + 65'000);
}

TEST(PagePacking, RowsLargerThanAPageComeFirst) {
  EXPECT_EQ(pack_pages(std::vector<std::size_t>{10, 500, 20}, 100),
            (std::vector<std::size_t>{1, 2, 0}));
  EXPECT_TRUE(pack_pages({}, 100).empty());
}

}  // namespace
}  // namespace millwright
