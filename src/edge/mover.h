#pragma once
/// Moves what an older epoch has not delivered to the current one, a piece at a time.
///
/// Dictionary entries are repeated as they are, from the start of their segment; everything else is
/// wrapped with its old place, so that the hub can tell whether it has it. Holes keep their size
/// and reason. A crash in between moves a piece twice, which the hub notices. Not thread-safe.

#include "base/clock.h"
#include "journal/journal.h"

namespace millwright::edge {

class Mover {
 public:
  Mover(journal::Journal& journal, const Clock& clock) : journal_(journal), clock_(clock) {}

  /// The epoch's records may have other records' numbers at the hub.
  void note_fork(const journal::EpochId& epoch) { forked_ = epoch; }
  /// Moves up to 256 KiB. Answers whether there is more. Errors: the journal's.
  Result<bool> step();

 private:
  Result<> move_records(const journal::EpochInfo& old, journal::Span span);
  Result<> move_hole(const journal::EpochInfo& old, const journal::Hole& hole);

  journal::Journal& journal_;
  const Clock& clock_;
  journal::EpochId forked_{};
  journal::EpochId moving_{};    // what the two below speak of
  std::uint64_t next_ = 0;       // of the old epoch
  std::uint64_t delivered_ = 0;  // up to here only dictionary entries are repeated
};

}  // namespace millwright::edge
