#pragma once

#include <string>
#include <utility>
#include <variant>

namespace crm::record {

// The world failed: a disk, a broker, a corrupt file. `text` is for the log, never for a client.
struct Error {
  std::string text;
  bool retry = false;  // the same call may succeed later
};

// A value or an Error, with std::expected's member names.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::move(value)) {}      // NOLINT: returned as it is
  Result(Error error) : content_(std::move(error)) {}  // NOLINT

  bool has_value() const { return content_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { return std::get<0>(content_); }
  const T& value() const& { return std::get<0>(content_); }
  T&& value() && { return std::get<0>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<1>(content_); }

 private:
  std::variant<T, Error> content_;
};

struct Done {};  // the value of a Result that has none

}  // namespace crm::record
