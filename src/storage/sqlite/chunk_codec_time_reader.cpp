#include "storage/sqlite/chunk_codec_time_reader.h"

#include <algorithm>

#include "storage/sqlite/chunk_codec_format.h"

namespace millwright::chunk {

bool TimeReader::open(ByteReader& in, const Head& head) {
  head_ = head;
  std::uint64_t start = 0;
  jump_at_.clear();
  jump_sum_.clear();
  if (!in.get_varint(start)) return false;
  start_us_ = unzigzag(start);
  if (head_.count == 1) return (head_.has & kHasJumps) == 0;
  if (!in.get_varint(unit_) || !in.get_varint(step_)) return false;
  if ((head_.has & kHasJumps) != 0 && !(jumps_.open(in, head_, lists_) && place_jumps())) {
    return false;
  }
  return misses_.open(in, head_.count, head_.block_size_log2, *head_.kernels);
}

bool TimeReader::place_jumps() {
  std::uint64_t at = 0;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < jumps_.size(); ++i) {
    if (jumps_.first(i) == 0 || jumps_.first(i) >= head_.count - at) return false;
    at += jumps_.first(i);
    sum += unzigzag(jumps_.second(i));
    jump_at_.push_back(at);
    jump_sum_.push_back(sum);
  }
  return true;
}

std::uint64_t TimeReader::grid_of(std::size_t sample) const {
  const auto after = std::ranges::upper_bound(jump_at_, sample) - jump_at_.begin();
  return sample + (after == 0 ? 0 : jump_sum_[static_cast<std::size_t>(after) - 1]);
}

std::int64_t TimeReader::first_time(std::size_t block) {
  const std::uint64_t grid = grid_of(block << head_.block_size_log2);
  return static_cast<std::int64_t>(start_us_ + unit_ * (grid * step_ + misses_.first_of(block)));
}

bool TimeReader::read_blocks(std::size_t first, std::size_t end, std::vector<std::int64_t>& out) {
  if (head_.count == 1) {
    out.assign(1, static_cast<std::int64_t>(start_us_));
    return true;
  }
  std::size_t at = first << head_.block_size_log2;
  const std::size_t until = std::min(head_.count, end << head_.block_size_log2);
  numbers_.resize(until - at);
  out.resize(until - at);
  if (!misses_.read(first, end, numbers_)) return false;
  std::span<const std::uint64_t> rest = numbers_;
  std::int64_t* to = out.data();
  auto jump = static_cast<std::size_t>(std::ranges::upper_bound(jump_at_, at) - jump_at_.begin());
  while (!rest.empty()) {  // from jump to jump
    const std::size_t next = jump < jump_at_.size() ? std::min(jump_at_[jump], until) : until;
    const std::uint64_t base = start_us_ + unit_ * step_ * grid_of(at);
    head_.kernels->to_times(rest.first(next - at), base, unit_ * step_, unit_, to);
    rest = rest.subspan(next - at);
    to += next - at;
    at = next;
    ++jump;
  }
  return head_.kernels->ascends(out);
}

bool TimeReader::read(std::vector<std::int64_t>& out) {
  return read_blocks(0, head_.count == 1 ? 1 : misses_.blocks(), out);
}

bool TimeReader::read(TimeRange range, std::vector<std::int64_t>& out, std::size_t& first_index) {
  first_index = 0;
  if (head_.count == 1) return read(out);
  const auto blocks_that = [this](const auto& starts) {
    std::size_t low = 0;
    std::size_t high = misses_.blocks();
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (starts(first_time(middle))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };
  // From the last block that starts at or before the range to the first that starts behind it.
  std::size_t first = blocks_that([&](std::int64_t start) { return start <= range.start_us; });
  std::size_t end = blocks_that([&](std::int64_t start) { return start < range.end_us; });
  if (first > 0) --first;
  if (end < first) end = first;
  first_index = first << head_.block_size_log2;
  return read_blocks(first, end, out);
}

}  // namespace millwright::chunk
