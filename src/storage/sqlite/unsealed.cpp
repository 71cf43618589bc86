#include "storage/sqlite/unsealed.h"

#include <algorithm>

#include "storage/sqlite/chunk_codec.h"

namespace millwright {
namespace {

bool starts_before(const Sample& sample, std::int64_t at_us) { return sample.at_us < at_us; }

void remove_first(std::vector<Sample>& from, std::size_t count) {
  from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace

std::size_t Unsealed::count() const {
  std::size_t total = recent.size() + late.size();
  for (const Block& block : blocks) total += block.count;
  return total;
}

std::size_t Unsealed::bytes() const {
  std::size_t total = (recent.size() + late.size()) * sizeof(Sample);
  for (const Block& block : blocks) total += block.bytes->size();
  return total;
}

void Unsealed::remove_front(const Unsealed& front) {
  blocks.erase(blocks.begin(), blocks.begin() + static_cast<std::ptrdiff_t>(front.blocks.size()));
  remove_first(recent, front.recent.size());
  remove_first(late, front.late.size());
  // Room is given back: late samples come in bursts, and so do samples that nobody compressed yet.
  if (late.empty()) late.shrink_to_fit();
  if (recent.empty()) recent.shrink_to_fit();
}

std::vector<Piece> Unsealed::pieces() const {
  std::vector<Piece> out;
  const auto add = [&](std::int64_t first_us, std::int64_t last_us, std::size_t count) {
    Piece& piece = out.emplace_back();
    piece.kind = Piece::Kind::kUnsealed;
    piece.first_us = first_us;
    piece.last_us = last_us;
    piece.stats.count = count;
  };
  for (const Block& block : blocks) add(block.first_us, block.last_us, block.count);
  if (!recent.empty()) add(recent.front().at_us, recent.back().at_us, recent.size());
  for (const Sample& sample : late) add(sample.at_us, sample.at_us, 1);
  return out;
}

Unsealed Unsealed::slice(TimeRange range) const {
  Unsealed out;
  for (const Block& block : blocks) {
    if (block.first_us < range.end_us && block.last_us >= range.start_us) {
      out.blocks.push_back(block);
    }
  }
  const auto begin = std::lower_bound(recent.begin(), recent.end(), range.start_us, starts_before);
  const auto end = std::lower_bound(begin, recent.end(), range.end_us, starts_before);
  out.recent.assign(begin, end);
  for (const Sample& sample : late) {
    if (range.start_us <= sample.at_us && sample.at_us < range.end_us) out.late.push_back(sample);
  }
  return out;
}

Result<> decode_main(const Unsealed& unsealed, TimeRange range, SampleColumns& out) {
  out.timestamp_us.clear();
  out.value.clear();
  SampleColumns block_samples;
  for (const Unsealed::Block& block : unsealed.blocks) {
    if (block.first_us >= range.end_us || block.last_us < range.start_us) continue;
    MW_TRY(decode_chunk(*block.bytes, range, block_samples));
    out.timestamp_us.insert(out.timestamp_us.end(), block_samples.timestamp_us.begin(),
                            block_samples.timestamp_us.end());
    out.value.insert(out.value.end(), block_samples.value.begin(), block_samples.value.end());
  }
  for (const Sample& sample : unsealed.recent) {
    if (range.start_us <= sample.at_us && sample.at_us < range.end_us) {
      out.append(sample.at_us, sample.value);
    }
  }
  return {};
}

void sort_late(const Unsealed& unsealed, TimeRange range, SampleColumns& out) {
  std::vector<Sample> sorted;
  for (const Sample& sample : unsealed.late) {
    if (range.start_us <= sample.at_us && sample.at_us < range.end_us) sorted.push_back(sample);
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Sample& a, const Sample& b) { return a.at_us < b.at_us; });
  out.timestamp_us.clear();
  out.value.clear();
  for (const Sample& sample : sorted) {
    if (!out.empty() && out.timestamp_us.back() == sample.at_us) {
      out.value.back() = sample.value;
    } else {
      out.append(sample.at_us, sample.value);
    }
  }
}

}  // namespace millwright
