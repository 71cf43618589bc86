#include "journal/segments/segments_journal.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "journal/segments/testing_files.h"
#include "journal/testing/journal_contract.h"

namespace millwright::journal {
namespace {

namespace fs = std::filesystem;

const ManualClock kClock{from_us(1'700'000'000'000'000)};

std::unique_ptr<SegmentsJournal> open_in(const std::string& folder, FileSystem& files,
                                         std::uint64_t segment_bytes = 1 << 20,
                                         std::uint64_t budget_bytes = 64 << 20,
                                         ReplayGuard guard = kNoReplayGuard,
                                         const Clock& clock = kClock) {
  auto journal = SegmentsJournal::open({folder, segment_bytes, budget_bytes, guard}, clock, files);
  EXPECT_TRUE(journal) << journal.error().message;
  return std::move(journal).value();
}

struct MakeSegments {
  std::unique_ptr<Journal> make(std::uint64_t segment_bytes, std::uint64_t budget_bytes,
                                double guarded_share) {
    return open_in(folder.path, posix_file_system(), segment_bytes, budget_bytes,
                   {std::chrono::hours(48), guarded_share});
  }
  TemporaryFolder folder;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Segments, JournalContract, MakeSegments);

std::vector<std::string> segment_files(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".segment") out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// All records and holes from 1 on, as text: "1:a 2:b [3-4 journal_damaged] 5:e".
std::string contents(Journal& journal, std::uint64_t from = 1) {
  std::string out;
  const EpochInfo info = journal.current();
  for (std::uint64_t seq = from; seq < info.next_seq;) {
    const auto span = journal.read(info.epoch, seq, 1 << 20);
    EXPECT_TRUE(span);
    if (span->hole) {
      out += "[" + std::to_string(seq) + "-" + std::to_string(span->hole->to_seq) + " " +
             std::string(to_string(span->hole->reason)) + "] ";
      EXPECT_EQ(span->hole->from_seq, seq);
      EXPECT_GE(span->hole->to_seq, seq);
      seq = span->hole->to_seq + 1;
      continue;
    }
    if (span->records.empty()) {
      ADD_FAILURE() << "nothing at " << seq;
      break;
    }
    for (const std::string& record : span->records) {
      out += std::to_string(seq++) + ":" + record + " ";
    }
  }
  return out;
}

TEST(SegmentsJournal, FindsItsRecordsAndAcknowledgementsAgain) {
  TemporaryFolder folder;
  EpochId epoch{};
  {
    auto journal = open_in(folder.path, posix_file_system(), 100);
    epoch = journal->current().epoch;
    for (const char* text : {"a", "b", "c"}) {
      ASSERT_TRUE(journal->append(std::vector{std::string(1, *text) + std::string(100, '.')}));
    }
    ASSERT_TRUE(journal->acknowledge(epoch, 1));
    ASSERT_TRUE(journal->flush_acknowledged());
  }
  auto journal = open_in(folder.path, posix_file_system(), 100);
  EXPECT_EQ(journal->current().epoch, epoch);
  EXPECT_EQ(journal->current().acknowledged, 1u);
  EXPECT_EQ(journal->current().first_seq, 2u);
  EXPECT_EQ(journal->current().next_seq, 4u);
  ASSERT_TRUE(journal->append(texts({"d"})));
  EXPECT_EQ(contents(*journal, 4), "4:d ");
}

TEST(SegmentsJournal, AcknowledgedRecordsStayForTwoDays) {
  TemporaryFolder folder;
  ManualClock clock(from_us(1'700'000'000'000'000));
  const auto open = [&] {
    return open_in(folder.path, posix_file_system(), 100, 1 << 20, {}, clock);
  };
  auto journal = open();
  const EpochId epoch = journal->current().epoch;
  for (const char c : {'a', 'b'}) {
    const std::vector records{std::string(200, c)};
    ASSERT_TRUE(journal->append(records));
  }
  ASSERT_TRUE(journal->acknowledge(epoch, 2));
  clock.advance(std::chrono::hours(47));
  journal.reset();
  journal = open();
  ASSERT_TRUE(journal->append(std::vector<std::string>{"c"}));
  ASSERT_TRUE(journal->acknowledge(epoch, 3));
  EXPECT_EQ(journal->current().first_seq, 1u);
  clock.advance(std::chrono::hours(2));
  ASSERT_TRUE(journal->acknowledge(epoch, 3));
  EXPECT_EQ(journal->current().first_seq, 2u) << "what came after it may be younger";
}

TEST(SegmentsJournal, AProcessThatStartsKnowsWhatAClosedEpochHasDelivered) {
  TemporaryFolder folder;
  EpochId old{};
  {
    auto journal = open_in(folder.path, posix_file_system(), 1 << 20, 1 << 20, {});
    old = journal->current().epoch;
    ASSERT_TRUE(journal->append(std::vector<std::string>{"a", "b", "c"}));
    ASSERT_TRUE(journal->acknowledge(old, 2));
    ASSERT_TRUE(journal->start_epoch(0, HoleReason::kNone, 3));
    ASSERT_TRUE(journal->acknowledge(old, 3));
    ASSERT_TRUE(journal->flush_acknowledged());
  }
  const auto journal = open_in(folder.path, posix_file_system(), 1 << 20, 1 << 20, {});
  const auto epochs = journal->epochs();
  ASSERT_EQ(epochs.size(), 2u);
  EXPECT_EQ(epochs[0].acknowledged, 3u);
  EXPECT_EQ(epochs[0].delivered, 2u);
}

TEST(SegmentsJournal, FindsAnUnfinishedRollAgain) {
  TemporaryFolder folder;
  {
    auto journal = open_in(folder.path, posix_file_system());
    ASSERT_TRUE(journal->append(texts({"a", "b", "c"})));
    ASSERT_TRUE(journal->acknowledge(journal->current().epoch, 3));
    ASSERT_TRUE(journal->start_epoch(1, HoleReason::kHubLostEpoch, 2));
    ASSERT_TRUE(journal->append(texts({"d"})));
  }
  auto journal = open_in(folder.path, posix_file_system());
  const auto epochs = journal->epochs();
  ASSERT_EQ(epochs.size(), 2u);
  EXPECT_EQ(epochs[0].acknowledged, 1u);
  EXPECT_EQ(epochs[0].next_seq, 4u);
  EXPECT_EQ(epochs[1].previous, epochs[0].epoch);
  EXPECT_EQ(contents(*journal), "[1-1 hub_lost_epoch] 2:d ");
}

TEST(SegmentsJournal, ASecondProcessIsRefused) {
  TemporaryFolder folder;
  auto journal = open_in(folder.path, posix_file_system());
  const auto second = SegmentsJournal::open({folder.path}, kClock);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kFailedPrecondition);
}

TEST(SegmentsJournal, CutsATornTailAtEveryByteOfTheLastRecord) {
  TemporaryFolder folder;
  std::size_t size_before = 0;
  std::string path;
  {
    auto journal = open_in(folder.path, posix_file_system());
    ASSERT_TRUE(journal->append(texts({"first", "second"})));
    path = segment_files(folder.path).at(0);
    size_before = read_file(path).size();
    ASSERT_TRUE(journal->append(texts({"the last record"})));
  }
  const std::string whole = read_file(path);
  for (std::size_t size = size_before; size < whole.size(); ++size) {
    write_file(path, whole.substr(0, size));
    auto journal = open_in(folder.path, posix_file_system());
    ASSERT_EQ(contents(*journal), "1:first 2:second ") << "cut at " << size;
    ASSERT_TRUE(journal->append(texts({"again"})));
    ASSERT_EQ(contents(*journal), "1:first 2:second 3:again ");
  }
}

TEST(SegmentsJournal, DamageInTheMiddleBecomesAHoleAndTheRestIsRead) {
  TemporaryFolder folder;
  {
    auto journal = open_in(folder.path, posix_file_system());
    ASSERT_TRUE(journal->append(texts({"one", "two", "three", "four"})));
  }
  const std::string path = segment_files(folder.path).at(0);
  std::string bytes = read_file(path);
  bytes[bytes.find("two")] = 'T';
  write_file(path, bytes);
  auto journal = open_in(folder.path, posix_file_system());
  EXPECT_EQ(contents(*journal), "1:one [2-2 journal_damaged] 3:three 4:four ");
  const auto span = journal->read(journal->current().epoch, 2, 100);
  const std::uint64_t chain = record::next_chain(record::next_chain(0, "one"), "two");
  EXPECT_EQ(span->hole->chain_end, chain);
  EXPECT_EQ(journal->chain_at(journal->current().epoch, 2), chain);
}

TEST(SegmentsJournal, DamageWhileItIsOpenIsNeverYielded) {
  TemporaryFolder folder;
  auto journal = open_in(folder.path, posix_file_system());
  ASSERT_TRUE(journal->append(texts({"one", "two", "three"})));
  const std::string path = segment_files(folder.path).at(0);
  std::string bytes = read_file(path);
  bytes[bytes.find("two")] = 'T';
  std::fstream(path, std::ios::binary | std::ios::in | std::ios::out) << bytes;
  EXPECT_EQ(contents(*journal), "1:one [2-2 journal_damaged] 3:three ");
}

TEST(SegmentsJournal, SampledBitFlipsNeverChangeARecordAndNeverStopIt) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  TemporaryFolder folder;
  std::map<std::uint64_t, std::string> written;
  {
    auto journal = open_in(folder.path, posix_file_system(), 2'000);
    for (std::uint64_t seq = 1; seq <= 60; ++seq) {
      written[seq] = "record " + std::to_string(seq) + std::string(random() % 100, 'x');
      ASSERT_TRUE(journal->append(std::vector{written[seq]}));
    }
  }
  const auto files = segment_files(folder.path);
  ASSERT_GT(files.size(), 2u);
  for (int round = 0; round < 400; ++round) {
    TemporaryFolder copy;
    for (const auto& file : files) {
      fs::copy_file(file, copy.path + "/" + fs::path(file).filename().string());
    }
    const auto copies = segment_files(copy.path);
    const std::string& victim = copies[random() % copies.size()];
    std::string bytes = read_file(victim);
    bytes[random() % bytes.size()] ^= static_cast<char>(1u << (random() % 8));
    write_file(victim, bytes);
    auto journal = open_in(copy.path, posix_file_system(), 2'000);
    std::size_t missing = 0;
    const EpochInfo info = journal->current();
    for (std::uint64_t seq = 1; seq < info.next_seq;) {
      const auto span = journal->read(info.epoch, seq, 1 << 20);
      ASSERT_TRUE(span);
      if (span->hole) {
        missing += span->hole->to_seq - seq + 1;
        seq = span->hole->to_seq + 1;
        continue;
      }
      ASSERT_FALSE(span->records.empty());
      for (const std::string& record : span->records) ASSERT_EQ(record, written[seq++]);
    }
    missing += 61 - info.next_seq;
    ASSERT_LE(missing, 1u) << "one flipped bit costs at most one record";
  }
}

TEST(SegmentsJournal, AShortWriteIsContinued) {
  TemporaryFolder folder;
  FaultyFileSystem files;
  auto journal = open_in(folder.path, files);
  files.largest_write = 7;
  ASSERT_TRUE(journal->append(texts({"a record of some length", "another"})));
  EXPECT_EQ(contents(*journal), "1:a record of some length 2:another ");
}

TEST(SegmentsJournal, AFullMediumRefusesWithoutATraceAndRecovers) {
  TemporaryFolder folder;
  FaultyFileSystem files;
  auto journal = open_in(folder.path, files);
  ASSERT_TRUE(journal->append(texts({"a"})));
  files.bytes_until_full = 20;  // a part of the frame still fits
  const auto full = journal->append(texts({"b"}));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(journal->current().next_seq, 2u);
  files.bytes_until_full.reset();
  ASSERT_TRUE(journal->append(texts({"c"})));
  EXPECT_EQ(contents(*journal), "1:a 2:c ");
  journal.reset();
  EXPECT_EQ(contents(*open_in(folder.path, files)), "1:a 2:c ");
}

TEST(SegmentsJournal, AFullMediumMakesRoomByDroppingTheOldestSegment) {
  TemporaryFolder folder;
  FaultyFileSystem files;
  auto journal = open_in(folder.path, files, 200);
  for (const char c : {'a', 'b', 'c'}) {
    ASSERT_TRUE(journal->append(std::vector{std::string(200, c)}));
  }
  files.bytes_until_full = 10;
  files.bytes_freed_by_remove = 1'000;
  ASSERT_TRUE(journal->append(std::vector{std::string(200, 'd')}));
  EXPECT_EQ(journal->current().first_seq, 2u);
  EXPECT_EQ(journal->read(journal->current().epoch, 1, 1)->hole->reason, HoleReason::kJournalFull);
}

TEST(SegmentsJournal, AFailedWriteLeavesNoTrace) {
  TemporaryFolder folder;
  FaultyFileSystem files;
  auto journal = open_in(folder.path, files);
  files.fail_next_write = true;
  const auto failed = journal->append(texts({"a"}));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kInternal);
  ASSERT_TRUE(journal->append(texts({"b"})));
  EXPECT_EQ(contents(*journal), "1:b ");
}

TEST(SegmentsJournal, AFailedSyncStopsItForGood) {
  TemporaryFolder folder;
  FaultyFileSystem files;
  auto journal = open_in(folder.path, files);
  files.fail_next_sync = true;
  const auto failed = journal->append(texts({"a"}));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(journal->current().next_seq, 1u);
  const auto again = journal->append(texts({"b"}));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kDataLoss);
}

TEST(SegmentsJournal, WhatCouldNotBeSyncedIsNotYieldedByTheNextProcess) {
  TemporaryFolder folder;
  FaultyFileSystem files;
  {
    auto journal = open_in(folder.path, files);
    ASSERT_TRUE(journal->append(texts({"a"})));
    files.fail_next_sync = true;
    ASSERT_FALSE(journal->append(texts({"b"})));
  }
  EXPECT_EQ(contents(*open_in(folder.path, files)), "1:a ");
}

// What a process wrote that was killed before its sync is read from memory: as long as it is not
// durable, nobody may be given it.
TEST(SegmentsJournal, WhatAKilledProcessWroteIsMadeDurableBeforeItIsYielded) {
  TemporaryFolder folder;
  FaultyFileSystem files;
  ASSERT_TRUE(open_in(folder.path, files)->append(texts({"a"})));
  files.fail_next_sync = true;
  const auto refused = SegmentsJournal::open({folder.path}, kClock, files);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("EIO"), std::string::npos);
  EXPECT_EQ(contents(*open_in(folder.path, files)), "1:a ");
}

TEST(SegmentsJournal, WhatItAnsweredSurvivesAKilledProcess) {
  TemporaryFolder folder;
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(pipe_ends[0]);
    auto journal = SegmentsJournal::open({folder.path, 4'000}, kClock);
    for (std::uint64_t i = 1; journal; ++i) {
      if (!(*journal)->append(std::vector{"record " + std::to_string(i)})) _exit(1);
      if (write(pipe_ends[1], &i, sizeof i) != sizeof i) _exit(2);
    }
    _exit(3);
  }
  close(pipe_ends[1]);
  std::uint64_t confirmed = 0;
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(read(pipe_ends[0], &confirmed, sizeof confirmed), ssize_t(sizeof confirmed));
  }
  kill(child, SIGKILL);
  while (read(pipe_ends[0], &confirmed, sizeof confirmed) == ssize_t(sizeof confirmed)) {
  }
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  auto journal = open_in(folder.path, posix_file_system());
  ASSERT_GT(journal->current().next_seq, confirmed);
  std::string expected;
  for (std::uint64_t i = 1; i < journal->current().next_seq; ++i) {
    expected += std::to_string(i) + ":record " + std::to_string(i) + " ";
  }
  EXPECT_EQ(contents(*journal), expected);
}

}  // namespace
}  // namespace millwright::journal
