#pragma once
/// Reads a text file, plain or gzip, line by line into cells.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millwright {

/// Called for each line that is not empty, with its number from 1. An error ends the reading.
using LineReader = std::function<Result<>(std::size_t number, std::string_view line)>;

/// Errors: kNotFound naming the file; kInvalidArgument when it is longer than 1 GiB unpacked, has a
/// line over 64 KiB or is damaged; and what the reader returns, with file and line named.
Result<> read_lines(const std::filesystem::path& path, const LineReader& reader);

/// The file of that name in a folder, or with .gz behind it where that is what is there.
std::filesystem::path table_in(const std::filesystem::path& folder, const std::string& name);

/// Cells between commas, or between blanks. Quotes are not interpreted.
std::vector<std::string_view> split_commas(std::string_view line);
std::vector<std::string_view> split_blanks(std::string_view line);

/// A finite number that fills the whole cell. Errors: kInvalidArgument naming column and cell.
Result<double> to_number(std::string_view column, std::string_view cell);

}  // namespace millwright
