#include "storage/sqlite/page_packing.h"

#include <algorithm>
#include <numeric>

namespace millwright {

std::vector<std::size_t> pack_pages(std::span<const std::size_t> sizes, std::size_t page_bytes) {
  struct Page {
    std::size_t free = 0;
    std::vector<std::size_t> rows;
  };
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
  std::vector<Page> pages;
  for (const std::size_t row : order) {
    const auto fits = [&](const Page& page) { return page.free >= sizes[row]; };
    auto page = std::find_if(pages.begin(), pages.end(), fits);
    if (page == pages.end()) {
      page = pages.insert(pages.end(), Page{std::max(page_bytes, sizes[row]), {}});
    }
    page->free -= sizes[row];
    page->rows.push_back(row);
  }
  std::vector<std::size_t> out;
  out.reserve(sizes.size());
  for (const Page& page : pages) out.insert(out.end(), page.rows.begin(), page.rows.end());
  return out;
}

}  // namespace millwright
