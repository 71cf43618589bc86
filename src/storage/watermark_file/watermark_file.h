#pragma once
/// A tenant's watermark log as a text file, a line for each note (docs/formats/watermarks.md).
///
/// Each line carries a checksum; a torn or damaged one is left out and the others count. The file
/// is written anew, durably, when it is opened and whenever it has grown by 4 MiB, so it stays as
/// small as its epochs are many. Keeps one descriptor open.

#include <filesystem>
#include <map>

#include "storage/watermark_log.h"

namespace millwright {

class WatermarkFile final : public WatermarkLog {
 public:
  /// Creates the folder where it is missing. Errors: kUnavailable.
  static Result<std::unique_ptr<WatermarkFile>> open(std::filesystem::path path);
  ~WatermarkFile() override;

  std::vector<ReachedEpoch> epochs() const override;
  Result<> note(std::span<const Reached> reached) override;
  Result<> note_missed(const EpochId& epoch, std::optional<Timestamp> at) override;
  Result<> note_settled(const EpochId& epoch, std::uint64_t through) override;

 private:
  explicit WatermarkFile(std::filesystem::path path) : path_(std::move(path)) {}
  Result<> load();
  void take(std::string_view line);
  Result<> append(const std::string& lines);
  Result<> compact();
  void close();

  const std::filesystem::path path_;
  std::map<EpochId, ReachedEpoch> epochs_;
  int descriptor_ = -1;               // none: the file is to be written anew
  std::uint64_t appended_bytes_ = 0;  // since the file was written anew
};

}  // namespace millwright
