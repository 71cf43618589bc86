#pragma once
/// Files as a power cut could have left them.
///
/// The model: what was written before a file's last sync is there. Of what came after, a disk may
/// have any part: each write wholly, not at all, or some of its sectors of 512 bytes; files are
/// independent of one another (as in SQLite's own crash tests, sqlite.org/testing.html, 3.3). A
/// sync that failed has dropped what was not synced: a later one does not bring it back (Linux
/// marks the pages clean; Rebello et al., "Can applications recover from fsync failures?", ATC
/// 2020).

#include <fstream>
#include <map>
#include <random>
#include <span>

#include "sqlite/testing/faulty_files.h"

namespace millwright::sqlite::testing {

/// What happens to writes that were not synced.
enum class Unsynced { kLost, kKept, kSome };

class PowerCut {
 public:
  using Files = std::map<std::string, std::string>;  // content by name

  /// The files of a folder, as they are before the first operation.
  static Files read(const std::filesystem::path& folder) {
    Files out;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream in(entry.path(), std::ios::binary);
      out[entry.path().filename().string()] = {std::istreambuf_iterator<char>(in), {}};
    }
    return out;
  }

  /// The files after these operations and a cut.
  static Files apply(const Files& before, std::span<const FileOperation> operations,
                     Unsynced unsynced, std::mt19937_64& random) {
    const std::vector<bool> synced = find_synced(operations);
    Files files = before;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      const FileOperation& operation = operations[i];
      if (synced[i] || unsynced == Unsynced::kKept) {
        apply(files, operation);
      } else if (unsynced == Unsynced::kSome) {
        apply_some(files, operation, random);
      }
    }
    return files;
  }

  /// Writes them into an empty folder. Shared memory does not survive.
  static void write(const Files& files, const std::filesystem::path& folder) {
    for (const auto& [name, content] : files) {
      if (name.ends_with("-shm")) continue;
      std::ofstream(folder / name, std::ios::binary) << content;
    }
  }

 private:
  static constexpr std::size_t kSector = 512;

  /// Whether the next sync of each operation's file, if one comes, succeeds.
  static std::vector<bool> find_synced(std::span<const FileOperation> operations) {
    std::vector<bool> out(operations.size());
    std::map<std::string, bool> next_sync;
    for (std::size_t i = operations.size(); i-- > 0;) {
      const FileOperation& operation = operations[i];
      if (operation.kind == FileOperation::Kind::kSync) next_sync[operation.file] = true;
      if (operation.kind == FileOperation::Kind::kFailedSync) next_sync[operation.file] = false;
      out[i] = next_sync[operation.file];
    }
    return out;
  }

  static void put(std::string& content, std::size_t at, std::string_view bytes) {
    if (content.size() < at + bytes.size()) content.resize(at + bytes.size());
    content.replace(at, bytes.size(), bytes);
  }
  static void apply(Files& files, const FileOperation& operation) {
    switch (operation.kind) {
      case FileOperation::Kind::kWrite:
        put(files[operation.file], static_cast<std::size_t>(operation.at), operation.bytes);
        break;
      case FileOperation::Kind::kTruncate:
        files[operation.file].resize(static_cast<std::size_t>(operation.at));
        break;
      case FileOperation::Kind::kDelete:
        files.erase(operation.file);
        break;
      default:
        break;
    }
  }
  static void apply_some(Files& files, const FileOperation& operation, std::mt19937_64& random) {
    const auto choice = random() % 4;
    if (choice == 0) return;
    if (choice < 3 || operation.kind != FileOperation::Kind::kWrite) {
      apply(files, operation);
      return;
    }
    const std::string_view bytes = operation.bytes;
    for (std::size_t at = 0; at < bytes.size(); at += kSector) {
      if (random() % 2 == 0) continue;
      put(files[operation.file], static_cast<std::size_t>(operation.at) + at,
          bytes.substr(at, kSector));
    }
  }
};

}  // namespace millwright::sqlite::testing
