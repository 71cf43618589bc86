#include "storage/sqlite/chunk_codec_huffman.h"

#include <algorithm>

namespace millwright::chunk {
namespace {

/// Lengths without a limit: the two lightest trees become one until one is left. Symbols come
/// sorted by weight, so that new trees come sorted too and two queues take the place of a heap.
void build_tree(std::span<const std::uint32_t> sorted, std::span<std::uint8_t> depth) {
  const std::size_t n = sorted.size();
  std::array<std::uint64_t, 2 * kMaxSymbols> weight{};
  std::array<std::uint8_t, 2 * kMaxSymbols> parent{};
  for (std::size_t i = 0; i < n; ++i) weight[i] = sorted[i];
  std::size_t leaf = 0;
  std::size_t tree = n;
  for (std::size_t next = n; next < 2 * n - 1; ++next) {
    for (int k = 0; k < 2; ++k) {
      const bool take_leaf = leaf < n && (tree >= next || weight[leaf] <= weight[tree]);
      const std::size_t taken = take_leaf ? leaf++ : tree++;
      weight[next] += weight[taken];
      parent[taken] = static_cast<std::uint8_t>(next);
    }
  }
  std::array<std::uint8_t, 2 * kMaxSymbols> level{};
  for (std::size_t i = 2 * n - 2; i-- > 0;) {
    level[i] = static_cast<std::uint8_t>(level[parent[i]] + 1);
  }
  std::copy_n(level.begin(), n, depth.begin());
}

/// Shortens what is too long and gives the room that this takes from the longest of the others.
/// `depth` descends: the lightest symbol comes first.
void limit_depth(std::span<std::uint8_t> depth, unsigned limit) {
  const std::uint32_t full = 1U << limit;
  std::uint32_t taken = 0;  // in units of 2^-limit
  for (std::uint8_t& d : depth) {
    d = std::min(d, static_cast<std::uint8_t>(limit));
    taken += full >> d;
  }
  while (taken > full) {
    const auto it = std::find_if(depth.begin(), depth.end(), [&](auto d) { return d < limit; });
    ++*it;
    taken -= full >> *it;
  }
  for (std::size_t i = depth.size(); i-- > 0;) {  // room that is left goes to the heaviest
    while (depth[i] > 1 && taken + (full >> depth[i]) <= full) {
      taken += full >> depth[i];
      --depth[i];
    }
  }
}

/// Bits from the highest of a byte down.
class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  bool get(unsigned count, unsigned& value) {
    value = 0;
    for (; count > 0; --count, ++at_) {
      if (at_ / 8 >= bytes_.size()) return false;
      value = value << 1 | (bytes_[at_ / 8] >> (7 - at_ % 8) & 1U);
    }
    return true;
  }
  std::size_t bytes_read() const { return (at_ + 7) / 8; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

CodeLengths lengths_for(std::span<const std::uint32_t> counts, unsigned limit) {
  std::array<std::uint8_t, kMaxSymbols> order{};
  std::size_t n = 0;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    if (counts[s] != 0) order[n++] = static_cast<std::uint8_t>(s);
  }
  std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n),
            [&](auto a, auto b) { return counts[a] < counts[b]; });
  std::array<std::uint32_t, kMaxSymbols> sorted{};
  std::array<std::uint8_t, kMaxSymbols> depth{};
  for (std::size_t i = 0; i < n; ++i) sorted[i] = counts[order[i]];
  build_tree(std::span(sorted).first(n), depth);
  limit_depth(std::span(depth).first(n), limit);
  CodeLengths lengths;
  lengths.count = counts.size();
  for (std::size_t i = 0; i < n; ++i) lengths.length[order[i]] = depth[i];
  return lengths;
}

std::array<std::uint16_t, kMaxSymbols> codes_of(const CodeLengths& lengths) {
  std::array<std::uint16_t, kMaxCodeLength + 2> next{};
  for (const std::uint8_t l : lengths.used()) {
    if (l != 0) ++next[l + 1U];
  }
  for (std::size_t l = 1; l < next.size(); ++l) {
    next[l] = static_cast<std::uint16_t>((next[l] + next[l - 1]) << (l == 1 ? 0 : 1));
  }
  std::array<std::uint16_t, kMaxSymbols> codes{};
  for (std::size_t s = 0; s < lengths.count; ++s) {
    if (lengths.length[s] != 0) codes[s] = next[lengths.length[s]]++;
  }
  return codes;
}

// 0: as before. 10x: one more (x = 0) or less. 11xxxx: the length itself.
void put_lengths(Bytes& out, const CodeLengths& lengths) {
  out.push_back(static_cast<std::uint8_t>(lengths.count));
  std::uint64_t word = 0;
  unsigned used = 0;
  unsigned before = 0;
  const auto put = [&](std::uint64_t bits, unsigned count) {
    word = word << count | bits;
    for (used += count; used >= 8; used -= 8) {
      out.push_back(static_cast<std::uint8_t>(word >> (used - 8)));
    }
  };
  for (const std::uint8_t l : lengths.used()) {
    if (l == before) {
      put(0, 1);
    } else if (l == before + 1 || l + 1U == before) {
      put(l > before ? 0b100 : 0b101, 3);
    } else {
      put(0b110000U | l, 6);
    }
    before = l;
  }
  if (used > 0) put(0, 8 - used);
}

bool get_lengths(ByteReader& in, CodeLengths& lengths) {
  std::uint8_t count = 0;
  if (!in.get_byte(count) || count < 2 || count > kMaxSymbols) return false;
  lengths.count = count;
  BitReader bits(in.rest());
  unsigned length = 0;
  std::uint32_t taken = 0;
  for (std::size_t s = 0; s < count; ++s) {
    unsigned flag = 0;
    if (!bits.get(1, flag)) return false;
    if (flag == 1) {
      unsigned x = 0;
      if (!bits.get(1, flag) || !bits.get(flag == 1 ? 4 : 1, x)) return false;
      length = flag == 1 ? x : x == 0 ? length + 1 : length - 1;
      if (length > kMaxCodeLength) return false;  // 0 - 1 as well
    }
    lengths.length[s] = static_cast<std::uint8_t>(length);
    if (length != 0) taken += 1U << (kMaxCodeLength - length);
  }
  std::span<const std::uint8_t> skipped;
  return taken == 1U << kMaxCodeLength && in.get_bytes(bits.bytes_read(), skipped);
}

void fill_table(const CodeLengths& lengths, CodeTable& table) {
  const auto used = lengths.used();
  table.bits = *std::max_element(used.begin(), used.end());
  const auto codes = codes_of(lengths);
  for (std::size_t s = 0; s < used.size(); ++s) {
    if (used[s] == 0) continue;
    const unsigned free = table.bits - used[s];
    std::fill_n(table.entries + (std::size_t{codes[s]} << free), std::size_t{1} << free,
                static_cast<std::uint16_t>(s << 8 | used[s]));
  }
}

}  // namespace millwright::chunk
