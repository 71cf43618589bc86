#pragma once
/// Keeps a second process out of a data folder.

#include <filesystem>
#include <utility>

#include "base/result.h"

namespace millwright {

/// Holds the folder until it ends; the system lets go of it when the process dies.
class DataFolderLock {
 public:
  /// Takes `folder/lock`. Errors: kFailedPrecondition naming the folder and the process that has
  /// it.
  static Result<DataFolderLock> take(const std::filesystem::path& folder);
  DataFolderLock(DataFolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  DataFolderLock& operator=(DataFolderLock&&) = delete;
  ~DataFolderLock();

 private:
  explicit DataFolderLock(int file) : file_(file) {}
  int file_;
};

}  // namespace millwright
