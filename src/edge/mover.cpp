#include "edge/mover.h"

#include <algorithm>

#include "record/record.h"

namespace millwright::edge {
namespace {
constexpr std::size_t kPieceBytes = 256 * 1024;
}

Result<bool> Mover::step() {
  auto epochs = journal_.epochs();
  epochs.pop_back();  // the current one
  const auto first = std::find_if(epochs.begin(), epochs.end(),
                                  [](const journal::EpochInfo& info) { return !info.is_done(); });
  if (first == epochs.end()) return false;
  const journal::EpochInfo& old = *first;
  if (moving_ != old.epoch) {
    moving_ = old.epoch;
    delivered_ = old.acknowledged;
    next_ = journal_.segment_start(old.epoch, std::max(delivered_ + 1, old.first_seq));
  }
  if (next_ >= old.next_seq) {
    MW_TRY(journal_.acknowledge(old.epoch, old.next_seq - 1));
    return true;
  }
  MW_ASSIGN(auto span, journal_.read(old.epoch, next_, kPieceBytes));
  if (span.hole) {
    MW_TRY(move_hole(old, *span.hole));
    return true;
  }
  if (span.records.empty()) {
    return internal_error("the journal yields nothing at record " + std::to_string(next_) +
                          " of an older epoch");
  }
  MW_TRY(move_records(old, std::move(span)));
  return true;
}

Result<> Mover::move_hole(const journal::EpochInfo& old, const journal::Hole& hole) {
  const std::uint64_t from = std::max(hole.from_seq, delivered_ + 1);
  if (hole.to_seq >= from) MW_TRY(journal_.skip(hole.to_seq - from + 1, hole.reason));
  next_ = hole.to_seq + 1;
  return journal_.acknowledge(old.epoch, hole.to_seq);
}

Result<> Mover::move_records(const journal::EpochInfo& old, journal::Span span) {
  std::vector<std::string> out;
  std::uint64_t seq = span.first_seq;
  const std::int64_t now_us = to_us(clock_.now());
  for (std::string& bytes : span.records) {
    const auto decoded = record::decode(bytes);
    if (decoded && std::holds_alternative<record::DictionaryEntry>(decoded->payload)) {
      out.push_back(std::move(bytes));
    } else if (seq > delivered_) {
      record::MovedRecord moved{old.epoch, seq, std::move(bytes), forked_ == old.epoch};
      out.push_back(record::encode({now_us, std::move(moved)}));
    }
    ++seq;
  }
  if (!out.empty()) MW_TRY(journal_.append(out));
  next_ = seq;
  return journal_.acknowledge(old.epoch, seq - 1);
}

}  // namespace millwright::edge
