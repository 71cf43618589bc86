#pragma once
/// The order in which rows are appended to a table so that its pages become full.
///
/// Rows are written one after the other, and a row that does not fit opens a new page. First-fit
/// decreasing (Johnson 1973) wastes a few per cent where the order of arrival wastes a quarter.
/// Pure.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace millwright {

/// Indexes of `sizes`, page by page. Larger rows than a page come first. O(n * pages).
std::vector<std::size_t> pack_pages(std::span<const std::size_t> sizes, std::size_t page_bytes);

}  // namespace millwright
