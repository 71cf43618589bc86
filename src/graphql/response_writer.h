#pragma once
/// Writes JSON into a text, number by number.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "graphql/response_error.h"

namespace millwright::graphql {

/// The text in double quotes, escaped; bytes that are not UTF-8 become U+FFFD.
void append_text(std::string& out, std::string_view text);
/// `number` must be finite. The shortest text that reads back exactly; whole numbers below 2^53
/// without an exponent.
void append_number(std::string& out, double number);
void append_number(std::string& out, std::int64_t number);
/// The value as compact JSON; bytes that are not UTF-8 become U+FFFD.
void append_json(std::string& out, const Json& value);
/// The errors as a JSON array.
void append_errors(std::string& out, const std::vector<ResponseError>& errors);

}  // namespace millwright::graphql
