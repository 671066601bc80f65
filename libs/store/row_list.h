#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace crm::store {

// Bytes that stay where they are until it is emptied.
class Arena {
 public:
  char* Take(size_t size);

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* at_ = nullptr;
  size_t left_ = 0;
};

// Rows of one table on their way into a file of it, which wants them in the order of their keys.
class RowList {
 public:
  struct Row {
    uint64_t order;   // the key's first bytes behind what all have in common
    const char* key;  // the value's head follows it
    uint32_t key_size;
    uint32_t head_size;
    std::string_view rest;
    std::string_view Key() const { return {key, key_size}; }
    std::string_view Head() const { return {key + key_size, head_size}; }
  };

  // All keys begin with the same `common` bytes.
  explicit RowList(size_t common = 0) : common_(common) {}

  // The value is `head`, which is copied like the key, and `rest`, which must stay.
  void Add(Arena* arena, std::string_view key, std::string_view head, std::string_view rest = {});
  void Append(const RowList& other);
  // Rows with the same key stay in the order in which they were added.
  void Sort();

  bool empty() const { return rows_.empty(); }
  const std::vector<Row>& rows() const { return rows_; }

 private:
  size_t common_;
  bool sorted_ = true;
  std::vector<Row> rows_;
};

}  // namespace crm::store
