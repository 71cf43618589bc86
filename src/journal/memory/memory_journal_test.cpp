#include "journal/memory/memory_journal.h"

#include "journal/testing/journal_contract.h"

namespace millwright::journal {
namespace {

struct MakeMemory {
  std::unique_ptr<Journal> make(std::uint64_t segment_bytes, std::uint64_t budget_bytes,
                                double guarded_share) {
    return std::make_unique<MemoryJournal>(
        MemoryJournalOptions{segment_bytes, budget_bytes, guarded_share});
  }
};
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, JournalContract, MakeMemory);

}  // namespace
}  // namespace millwright::journal
