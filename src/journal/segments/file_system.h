#pragma once
/// The few file operations that the journal needs, so that tests can make each of them fail.
///
/// Errors: kResourceExhausted where the medium or the quota is full, kInternal otherwise, with the
/// path and the system's reason.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millwright::journal {

class File {
 public:
  virtual ~File() = default;
  /// Writes at the end; may write less than asked.
  virtual Result<std::size_t> write(std::string_view bytes) = 0;
  virtual Result<> sync() = 0;
  virtual Result<> truncate(std::uint64_t size) = 0;
  /// Less than `size` bytes only at the end of the file.
  virtual Result<std::string> read_at(std::uint64_t offset, std::size_t size) = 0;
  virtual Result<std::uint64_t> size() = 0;
};

/// Held as long as the object lives; released by the system when the process ends.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// Opens for reading and appending; creates the file (mode 0600) when it is missing.
  virtual Result<std::unique_ptr<File>> open(const std::string& path) = 0;
  virtual Result<> create_folder(const std::string& path) = 0;
  /// Names of the files in the folder, ascending.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  virtual Result<> remove(const std::string& path) = 0;
  virtual Result<> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<> sync_folder(const std::string& path) = 0;
  /// Errors: kFailedPrecondition while another process holds it.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

/// The operating system's files. Stateless; lives as long as the process.
FileSystem& posix_file_system();

}  // namespace millwright::journal
