#pragma once
/// A file layer under SQLite that writes down what happens to the files, and fails when it is told.
///
/// Tests install it as SQLite's default layer; everything else goes to the real files. With what
/// was written down, the files can be made as a power cut at any instant could have left them.
/// Threads: recording is meant for one thread at a time; a failure may be met on any.

#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "base/check.h"

namespace millwright::sqlite::testing {

struct FileOperation {
  enum class Kind { kWrite, kTruncate, kSync, kFailedSync, kDelete, kNote };
  Kind kind = Kind::kNote;
  std::string file;        ///< its name without folders
  std::int64_t at = 0;     ///< offset of a write, size of a truncation
  std::string bytes;       ///< of a write
  std::uint64_t note = 0;  ///< what the test said, for example what was acknowledged
};

enum class Call { kOpen, kRead, kWrite, kSync, kTruncate };

class FaultyFiles {
 public:
  /// Registers the layer as the default one, once in a process.
  static FaultyFiles& install() {
    static FaultyFiles files;
    return files;
  }

  // Recording: databases and their logs, not their shared memory --------------------------------
  void start() {
    operations_.clear();
    is_recording_ = true;
  }
  std::vector<FileOperation> stop() {
    is_recording_ = false;
    return std::move(operations_);
  }
  void note(std::uint64_t value) {
    if (is_recording_) operations_.push_back({FileOperation::Kind::kNote, {}, 0, {}, value});
  }

  // Failing -------------------------------------------------------------------------------------
  /// The `nth` call of that kind from now on (1 is the next) answers `code`, and with `for_ever`
  /// all after it. A write that fails has written half of its bytes.
  void fail(Call call, int nth, int code, bool for_ever) {
    const std::lock_guard lock(mutex_);
    fault_ = {call, nth, code, for_ever, false};
  }
  /// Answers whether the failure was met.
  bool heal() {
    const std::lock_guard lock(mutex_);
    const bool was_met = fault_.was_met;
    fault_ = {};
    return was_met;
  }

 private:
  struct Fault {
    Call call = Call::kOpen;
    int left = 0;  // calls until it strikes; 0: never
    int code = SQLITE_OK;
    bool for_ever = false;
    bool was_met = false;
  };
  struct File {
    sqlite3_file base;
    sqlite3_file* inner;
    const char* name;  // owned by SQLite while the file is open; none for temporary files
  };

  FaultyFiles() : real_(sqlite3_vfs_find(nullptr)), layer_(*real_) {
    layer_.zName = "faulty";
    layer_.szOsFile = static_cast<int>(sizeof(File));
    layer_.pNext = nullptr;
    layer_.xOpen = open;
    layer_.xDelete = remove;
    MW_CHECK(sqlite3_vfs_register(&layer_, 1) == SQLITE_OK);
  }

  /// SQLITE_OK, or what the call answers instead of being done.
  int strike(Call call) {
    const std::lock_guard lock(mutex_);
    if (fault_.left == 0 || fault_.call != call) return SQLITE_OK;
    if (fault_.left > 1) {
      --fault_.left;
      return SQLITE_OK;
    }
    fault_.was_met = true;
    if (!fault_.for_ever) fault_.left = 0;
    return fault_.code;
  }
  void record(FileOperation::Kind kind, const char* name, std::int64_t at, std::string bytes) {
    if (!is_recording_ || name == nullptr) return;
    operations_.push_back(
        {kind, std::filesystem::path(name).filename().string(), at, std::move(bytes), 0});
  }

  static File& own(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
  static sqlite3_file* inner(sqlite3_file* file) { return own(file).inner; }

  static int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
    FaultyFiles& self = install();
    File& opened = own(file);
    opened = {};
    if (const int code = self.strike(Call::kOpen); code != SQLITE_OK) return code;
    opened.inner =
        static_cast<sqlite3_file*>(std::calloc(1, static_cast<std::size_t>(self.real_->szOsFile)));
    opened.name = name;
    const int code = self.real_->xOpen(self.real_, name, opened.inner, flags, out);
    if (code != SQLITE_OK) {
      std::free(opened.inner);
      return code;
    }
    opened.base.pMethods = methods();
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs*, const char* name, int sync_folder) {
    FaultyFiles& self = install();
    self.record(FileOperation::Kind::kDelete, name, 0, {});
    return self.real_->xDelete(self.real_, name, sync_folder);
  }
  static int close(sqlite3_file* file) {
    const int code = inner(file)->pMethods->xClose(inner(file));
    std::free(inner(file));
    return code;
  }
  static int read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
    if (const int code = install().strike(Call::kRead); code != SQLITE_OK) return code;
    return inner(file)->pMethods->xRead(inner(file), to, bytes, at);
  }
  static int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
    const int fault = install().strike(Call::kWrite);
    const int size = fault == SQLITE_OK ? bytes : bytes / 2;
    install().record(FileOperation::Kind::kWrite, own(file).name, at,
                     std::string(static_cast<const char*>(from), static_cast<std::size_t>(size)));
    const int code = inner(file)->pMethods->xWrite(inner(file), from, size, at);
    return fault == SQLITE_OK ? code : fault;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (const int code = install().strike(Call::kTruncate); code != SQLITE_OK) return code;
    install().record(FileOperation::Kind::kTruncate, own(file).name, size, {});
    return inner(file)->pMethods->xTruncate(inner(file), size);
  }
  static int sync(sqlite3_file* file, int flags) {
    if (const int code = install().strike(Call::kSync); code != SQLITE_OK) {
      install().record(FileOperation::Kind::kFailedSync, own(file).name, 0, {});
      return code;
    }
    install().record(FileOperation::Kind::kSync, own(file).name, 0, {});
    return inner(file)->pMethods->xSync(inner(file), flags);
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods kMethods = {
        2,
        close,
        read,
        write,
        truncate,
        sync,
        [](sqlite3_file* f, sqlite3_int64* size) {
          return inner(f)->pMethods->xFileSize(inner(f), size);
        },
        [](sqlite3_file* f, int level) { return inner(f)->pMethods->xLock(inner(f), level); },
        [](sqlite3_file* f, int level) { return inner(f)->pMethods->xUnlock(inner(f), level); },
        [](sqlite3_file* f, int* out) {
          return inner(f)->pMethods->xCheckReservedLock(inner(f), out);
        },
        [](sqlite3_file* f, int operation, void* argument) {
          return inner(f)->pMethods->xFileControl(inner(f), operation, argument);
        },
        [](sqlite3_file* f) { return inner(f)->pMethods->xSectorSize(inner(f)); },
        [](sqlite3_file* f) { return inner(f)->pMethods->xDeviceCharacteristics(inner(f)); },
        [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
          return inner(f)->pMethods->xShmMap(inner(f), page, size, extend, out);
        },
        [](sqlite3_file* f, int offset, int count, int flags) {
          return inner(f)->pMethods->xShmLock(inner(f), offset, count, flags);
        },
        [](sqlite3_file* f) { inner(f)->pMethods->xShmBarrier(inner(f)); },
        [](sqlite3_file* f, int remove_it) {
          return inner(f)->pMethods->xShmUnmap(inner(f), remove_it);
        },
        nullptr,
        nullptr};
    return &kMethods;
  }

  sqlite3_vfs* const real_;
  sqlite3_vfs layer_;
  bool is_recording_ = false;
  std::vector<FileOperation> operations_;
  std::mutex mutex_;  // guards fault_
  Fault fault_;
};

}  // namespace millwright::sqlite::testing
