#pragma once
/// For tests: a folder of data files that is removed afterwards.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace millwright::testing {

class DataFolderTest : public ::testing::Test {
 protected:
  DataFolderTest() {
    std::string text = (std::filesystem::temp_directory_path() / "protocol-XXXXXX").string();
    folder_ = ::mkdtemp(text.data());
  }
  ~DataFolderTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  /// `name` relative to the folder; its folders are made.
  void write(const std::filesystem::path& name, const std::string& text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  std::filesystem::path folder_;
};

}  // namespace millwright::testing
