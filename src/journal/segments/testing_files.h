#pragma once
/// For tests: a folder that goes away, and files that fail on demand.

#include <stdlib.h>

#include <filesystem>
#include <optional>

#include "journal/segments/file_system.h"

namespace millwright::journal {

struct TemporaryFolder {
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "journal_XXXXXX").string();
    MW_CHECK(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path;
};

/// The operating system's files, with faults.
class FaultyFileSystem final : public FileSystem {
 public:
  std::size_t largest_write = SIZE_MAX;
  std::optional<std::uint64_t> bytes_until_full;
  std::uint64_t bytes_freed_by_remove = 0;
  bool fail_next_write = false;
  bool fail_next_sync = false;

  Result<std::unique_ptr<File>> open(const std::string& path) override {
    MW_ASSIGN(auto file, posix_file_system().open(path));
    return std::unique_ptr<File>(new FaultyFile(*this, std::move(file)));
  }
  Result<> create_folder(const std::string& path) override {
    return posix_file_system().create_folder(path);
  }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    return posix_file_system().list(folder);
  }
  Result<> remove(const std::string& path) override {
    if (bytes_until_full) *bytes_until_full += bytes_freed_by_remove;
    return posix_file_system().remove(path);
  }
  Result<> rename(const std::string& from, const std::string& to) override {
    return posix_file_system().rename(from, to);
  }
  Result<> sync_folder(const std::string& path) override {
    return posix_file_system().sync_folder(path);
  }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    return posix_file_system().lock(path);
  }

 private:
  class FaultyFile final : public File {
   public:
    FaultyFile(FaultyFileSystem& faults, std::unique_ptr<File> file)
        : faults_(faults), file_(std::move(file)) {}
    Result<std::size_t> write(std::string_view bytes) override {
      if (std::exchange(faults_.fail_next_write, false)) return internal_error("injected EIO");
      bytes = bytes.substr(0, faults_.largest_write);
      if (faults_.bytes_until_full) {
        if (*faults_.bytes_until_full == 0) return resource_exhausted("injected ENOSPC");
        bytes = bytes.substr(0, *faults_.bytes_until_full);
        *faults_.bytes_until_full -= bytes.size();
      }
      return file_->write(bytes);
    }
    Result<> sync() override {
      if (std::exchange(faults_.fail_next_sync, false)) return internal_error("injected EIO");
      return file_->sync();
    }
    Result<> truncate(std::uint64_t size) override { return file_->truncate(size); }
    Result<std::string> read_at(std::uint64_t offset, std::size_t size) override {
      return file_->read_at(offset, size);
    }
    Result<std::uint64_t> size() override { return file_->size(); }

   private:
    FaultyFileSystem& faults_;
    std::unique_ptr<File> file_;
  };
};

}  // namespace millwright::journal
