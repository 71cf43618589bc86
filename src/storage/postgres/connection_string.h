#pragma once
/// libpq's connection strings and URIs, taken apart and changed. Threads: any.

#include <string>

#include "base/result.h"

namespace millwright::pg {

/// The connection string of another database of the same server.
std::string on_same_server(const std::string& target, const std::string& database);
/// The database that it names; `otherwise` where it names none. Errors: kInvalidArgument.
Result<std::string> database_of(const std::string& target, const std::string& otherwise);
/// Whether a password stands in it.
bool has_password(const std::string& target);
/// For people: "database tenant_100000 on db.example.com:5433".
std::string place_words(const std::string& target);

}  // namespace millwright::pg
