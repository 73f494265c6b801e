// SPDX-License-Identifier: Apache-2.0
// Writes protobuf messages field by field (protobuf.dev, "Encoding"): as much of it as OTLP needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gg {

/// Appends to a string. Fields with their default value are the caller's to leave out.
class ProtobufWriter {
 public:
  explicit ProtobufWriter(std::string& out) : out_(out) {}

  void varint(std::uint32_t field, std::uint64_t value) {
    put_tag(field, WireType::varint);
    put_varint(value);
  }
  void fixed32(std::uint32_t field, std::uint32_t value) {
    put_tag(field, WireType::fixed32);
    put_little_endian(value, 4);
  }
  void fixed64(std::uint32_t field, std::uint64_t value) {
    put_tag(field, WireType::fixed64);
    put_little_endian(value, 8);
  }
  void bytes(std::uint32_t field, std::string_view value) {
    put_tag(field, WireType::length);
    put_varint(value.size());
    out_ += value;
  }
  /// A message, a string or bytes: what `write()` appends.
  template <class Write>
  void nested(std::uint32_t field, Write write) {
    put_tag(field, WireType::length);
    std::size_t begin = out_.size();
    write();
    std::string size;
    append_varint(size, out_.size() - begin);
    out_.insert(begin, size);
  }

  static void append_varint(std::string& out, std::uint64_t value) {
    for (; value > 0x7f; value >>= 7) out += static_cast<char>(0x80U | (value & 0x7fU));
    out += static_cast<char>(value);
  }

 private:
  enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, length = 2, fixed32 = 5 };

  void put_tag(std::uint32_t field, WireType type) {
    put_varint(field << 3 | static_cast<std::uint32_t>(type));
  }
  void put_varint(std::uint64_t value) { append_varint(out_, value); }
  void put_little_endian(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i, value >>= 8) out_ += static_cast<char>(value & 0xff);
  }

  std::string& out_;
};

}  // namespace gg
