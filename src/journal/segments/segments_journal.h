#pragma once
/// The journal as files: a folder of append-only segments, one lock, one file of acknowledgements.
///
/// open() reads the headers of all segments and all of the newest, whose torn tail it cuts off; the
/// time does not grow with the backlog. A segment whose header is damaged is read by its frames;
/// one without any intact frame is renamed to NAME.damaged and its records become a hole.
/// Memory: 16 bytes a record for the active segment and for the one that is being read.

#include <map>

#include "base/clock.h"
#include "journal/segments/segment.h"

namespace millwright::journal {

struct SegmentsJournalOptions {
  std::string folder;
  std::uint64_t segment_bytes = 16 << 20;
  std::uint64_t budget_bytes = std::uint64_t{1} << 30;
  ReplayGuard guard{};
};

class SegmentsJournal final : public Journal {
 public:
  /// Errors: kFailedPrecondition while another process has the folder; those of the medium.
  static Result<std::unique_ptr<SegmentsJournal>> open(
      SegmentsJournalOptions options, const Clock& clock,
      FileSystem& file_system = posix_file_system());
  ~SegmentsJournal() override;

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
  Result<> flush_acknowledged() override;
  Usage usage() const override;

 private:
  struct Segment {
    SegmentHeader header;
    std::uint64_t ordinal = 0;
    std::uint64_t bytes = 0;     ///< size of the file
    std::uint64_t next_seq = 1;  ///< number after the last record
    std::uint64_t chain = 0;     ///< chain hash there; known for the last segment of an epoch
    std::unique_ptr<File> file;
    bool is_indexed = false;
    std::vector<FramePlace> frames;
  };

  SegmentsJournal(SegmentsJournalOptions options, const Clock& clock, FileSystem& file_system);
  Result<> load();
  Result<> load_segments();
  Result<std::optional<Segment>> load_segment(const std::string& name);
  Result<> finish_epoch_ends();
  void load_acknowledged();
  std::string path(const std::string& name) const { return options_.folder + "/" + name; }
  std::string path(const Segment& segment) const;

  Result<> try_append(std::span<const std::string> records);
  Result<> begin_segment(SegmentHeader header);
  /// Writes all or nothing; syncs.
  Result<> write_durably(Segment& segment, std::string_view bytes);
  void note_frames(Segment& segment, std::vector<FramePlace> places, std::uint64_t chain);
  bool drop_oldest();
  bool is_delivered(const Segment& segment) const;
  bool oldest_is_guarded() const;
  void keep_budget();
  Result<> with_room(const std::function<Result<>()>& work);

  Result<> index(Segment& segment);
  Segment* find(const EpochId& epoch, std::uint64_t seq);
  Result<std::optional<Hole>> hole_at(const EpochId& epoch, std::uint64_t seq);
  Result<std::optional<Hole>> hole_inside(Segment& segment, std::uint64_t seq);
  std::uint64_t acknowledged(const EpochId& epoch) const;
  std::uint64_t delivered(const EpochId& epoch) const;
  Result<> store_acknowledged(bool sync);

  SegmentsJournalOptions options_;
  const Clock& clock_;
  FileSystem& files_;
  std::unique_ptr<FileLock> lock_;
  Preamble preamble_;
  std::vector<Segment> segments_;  // oldest first; the last one is active
  std::map<EpochId, std::uint64_t> acknowledged_;
  std::map<EpochId, std::uint64_t> delivered_;  // of closed epochs
  bool acknowledged_is_stored_ = true;
  std::optional<Error> broken_;  // set by a failed sync: nothing is appended any more
};

}  // namespace millwright::journal
