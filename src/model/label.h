#pragma once
/// What a person says about a span of time: the truth that back-tests and training compare with.

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ids.h"

namespace millwright {

/// A span of a place of a device, optionally of one metric at it, with its class.
struct Label {
  std::int64_t id = 0;  ///< given by the store
  DeviceId device;
  Path path;  ///< empty: the whole device
  std::optional<MetricId> metric;
  std::string class_name;  ///< "gear_tooth_broken", "false_alarm", "service" ...
  std::string author;      ///< name of the principal who said it
  std::string note;        ///< may be empty
  Timestamp start{};
  std::optional<Timestamp> end;  ///< the last instant; missing while it goes on
  Timestamp created_at{};
};

/// Whether a label may be stored: a class of 1 to 64 characters of A-Z a-z 0-9 _ - and dot, a note
/// of at most 1,000 characters in UTF-8 without NUL, an end after the start.
/// Errors: kInvalidArgument naming the field and the value.
Result<> check_label(const Label& label);

/// The first part of check_label, for a class that is asked for.
Result<> check_label_class(std::string_view class_name);

}  // namespace millwright
