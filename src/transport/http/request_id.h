#pragma once
/// Names a request in log lines, answers and error messages.

#include <string>
#include <string_view>

namespace millwright::http {

/// The caller's own id where it is 1 to 64 of A-Z a-z 0-9 . _ -, otherwise 16 random hex digits.
std::string request_id(std::string_view from_caller);

}  // namespace millwright::http
