#include "edge/mover.h"

#include <gtest/gtest.h>

#include "journal/memory/memory_journal.h"
#include "record/record.h"

namespace millwright::edge {
namespace {

std::string entry(std::uint32_t reference) {
  record::DictionaryEntry out;
  out.reference = reference;
  out.metric_identifier = "m";
  return record::encode({0, std::move(out)});
}

std::string value(double v) { return record::encode({0, record::Scalars{{0}, {1}, {v}}}); }

/// "D" a dictionary entry, "3" a moved record that was number 3, "?" anything else.
std::string contents(journal::Journal& journal) {
  std::string out;
  const auto info = journal.current();
  for (std::uint64_t seq = 1; seq < info.next_seq;) {
    const auto span = journal.read(info.epoch, seq, 1 << 20);
    if (span->hole) {
      out += "[" + std::to_string(span->hole->to_seq - seq + 1) + " " +
             std::string(journal::to_string(span->hole->reason)) + "]";
      seq = span->hole->to_seq + 1;
      continue;
    }
    for (const std::string& bytes : span->records) {
      const auto record = record::decode(bytes);
      const auto* moved = std::get_if<record::MovedRecord>(&record->payload);
      const bool is_entry = std::holds_alternative<record::DictionaryEntry>(record->payload);
      out += moved ? std::to_string(moved->seq) : is_entry ? "D" : "?";
      ++seq;
    }
  }
  return out;
}

class MoverTest : public testing::Test {
 protected:
  void move_all() {
    for (;;) {
      const auto more = mover_.step();
      ASSERT_TRUE(more) << more.error().message;
      if (!*more) return;
    }
  }
  ManualClock clock_{from_us(0)};
  journal::MemoryJournal journal_{{.segment_bytes = 1, .budget_bytes = 1 << 20}};
  Mover mover_{journal_, clock_};
};

TEST_F(MoverTest, WrapsRecordsAndRepeatsTheDictionaryOfTheirSegment) {
  ASSERT_TRUE(journal_.append(std::vector{entry(1), value(1), value(2), value(3)}));
  ASSERT_TRUE(journal_.start_epoch(0, journal::HoleReason::kNone, 3));
  move_all();
  EXPECT_EQ(contents(journal_), "D34");
  EXPECT_EQ(journal_.epochs().size(), 1u);
}

TEST_F(MoverTest, KeepsTheSizeAndReasonOfHoles) {
  ASSERT_TRUE(journal_.append(std::vector{entry(1), value(1)}));
  ASSERT_TRUE(journal_.skip(3, journal::HoleReason::kDamaged));
  ASSERT_TRUE(journal_.append(std::vector{value(5)}));
  ASSERT_TRUE(journal_.start_epoch(2, journal::HoleReason::kHubLostEpoch, 1));
  move_all();
  EXPECT_EQ(contents(journal_), "[2 hub_lost_epoch]D2[3 journal_damaged]6");
}

TEST_F(MoverTest, ANewProcessGoesOnWhereTheOldOneStopped) {
  ASSERT_TRUE(journal_.append(std::vector{entry(1), value(1)}));
  ASSERT_TRUE(journal_.append(std::vector{entry(1), value(2)}));
  ASSERT_TRUE(journal_.start_epoch(0, journal::HoleReason::kNone, 1));
  ASSERT_TRUE(mover_.step());
  Mover second(journal_, clock_);
  for (auto more = second.step(); *more; more = second.step()) {
  }
  EXPECT_EQ(contents(journal_), "D2D4");
}

}  // namespace
}  // namespace millwright::edge
