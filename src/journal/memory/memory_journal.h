#pragma once
/// A journal in memory, for tests of what stands on the port. Nothing survives the object.

#include <deque>
#include <map>

#include "journal/journal.h"

namespace millwright::journal {

struct MemoryJournalOptions {
  std::uint64_t segment_bytes = 16 << 20;
  std::uint64_t budget_bytes = 256 << 20;
  double guarded_share = 0;  ///< of the budget; the age of records plays no part here
};

class MemoryJournal final : public Journal {
 public:
  explicit MemoryJournal(MemoryJournalOptions options = {});

  Result<> append(std::span<const std::string> records) override;
  void set_preamble(Preamble preamble) override { preamble_ = std::move(preamble); }
  std::vector<EpochInfo> epochs() const override;
  Result<Span> read(const EpochId& epoch, std::uint64_t from_seq, std::size_t max_bytes) override;
  std::optional<std::uint64_t> chain_at(const EpochId& epoch, std::uint64_t seq) override;
  std::uint64_t segment_start(const EpochId& epoch, std::uint64_t seq) const override;
  Result<> acknowledge(const EpochId& epoch, std::uint64_t seq) override;
  Result<> start_epoch(std::uint64_t lost, HoleReason reason,
                       std::uint64_t undelivered_from) override;
  Result<> skip(std::uint64_t count, HoleReason reason) override;
  Result<> flush_acknowledged() override { return {}; }
  Usage usage() const override;

 private:
  struct Entry {
    std::string bytes;
    std::uint64_t chain_after = 0;
  };
  struct Segment {
    EpochId epoch{};
    EpochId previous{};
    std::uint64_t first_seq = 1;
    std::uint64_t chain_before = 0;
    std::uint64_t lost_before = 0;  ///< numbers left out just before first_seq
    HoleReason reason = HoleReason::kNone;
    std::vector<Entry> entries;
    std::uint64_t bytes = 0;
    std::uint64_t next_seq() const { return first_seq + entries.size(); }
    std::uint64_t chain() const {
      return entries.empty() ? chain_before : entries.back().chain_after;
    }
  };

  void begin_segment(Segment segment);
  void push(const std::string& record);
  void drop_over_budget();
  const Segment* find(const EpochId& epoch, std::uint64_t seq) const;
  std::optional<Hole> hole_at(const EpochId& epoch, std::uint64_t seq) const;

  MemoryJournalOptions options_;
  Preamble preamble_;
  std::deque<Segment> segments_;  // oldest first, never empty; the last one is active
  struct Progress {
    std::uint64_t acknowledged = 0;
    std::optional<std::uint64_t> delivered;  ///< of a closed epoch
  };
  Progress progress(const EpochId& epoch) const;
  bool may_drop_oldest() const;
  std::map<EpochId, Progress> progress_;
};

}  // namespace millwright::journal
