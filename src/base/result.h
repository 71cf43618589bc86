#pragma once
/// A value or an error, for everything that can fail in normal operation.
///
/// `Result<T>` is spelled like `std::expected`, so that it becomes an alias when the tool chain has
/// it. `Result<>` (that is `Result<void>`) carries no value. Thread-safety: that of T.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"

namespace millwright {

/// The codes of gRPC, so that each transport maps them with one table.
enum class ErrorCode {
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

/// The code in the form programs read, for example "invalid_argument".
std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kUnknown;
  std::string message;  ///< For the caller: names the thing, its value, and the next step.
  std::string detail;   ///< For the log only; never sent to a caller.
};

/// Shorthands, so that a refusal fits on one line.
Error invalid_argument(std::string message);
Error not_found(std::string message);
Error permission_denied(std::string message);
Error unauthenticated(std::string message);
Error failed_precondition(std::string message);
Error already_exists(std::string message);
Error resource_exhausted(std::string message);
Error unavailable(std::string message, std::string detail = {});
Error internal_error(std::string message, std::string detail = {});

template <typename T = void>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    MW_CHECK(has_value());
    return std::get<0>(state_);
  }
  const T& value() const& {
    MW_CHECK(has_value());
    return std::get<0>(state_);
  }
  T&& value() && {
    MW_CHECK(has_value());
    return std::get<0>(std::move(state_));
  }
  T value_or(T fallback) const& { return has_value() ? std::get<0>(state_) : std::move(fallback); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    MW_CHECK(!has_value());
    return std::get<1>(state_);
  }
  Error&& error() && {
    MW_CHECK(!has_value());
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  const Error& error() const {
    MW_CHECK(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace millwright

/// Hands an error of `expression` to the caller; otherwise goes on.
#define MW_TRY(expression)                                                   \
  do {                                                                       \
    if (auto mw_result = (expression); !mw_result) return mw_result.error(); \
  } while (false)

#define MW_CONCAT_INNER(a, b) a##b
#define MW_CONCAT(a, b) MW_CONCAT_INNER(a, b)

/// `MW_ASSIGN(auto device, catalog.device(id));` declares the value or returns the error.
#define MW_ASSIGN(declaration, expression) \
  MW_ASSIGN_INNER(MW_CONCAT(mw_result_, __LINE__), declaration, expression)
#define MW_ASSIGN_INNER(temporary, declaration, expression) \
  auto temporary = (expression);                            \
  if (!temporary) return std::move(temporary).error();      \
  declaration = std::move(temporary).value()
