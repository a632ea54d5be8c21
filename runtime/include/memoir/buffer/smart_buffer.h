#pragma once

// What all buffers have: size, emptiness, location, address, elements, and bytes where
// the elements have any.
//
// Thread safety: as the buffer says.
// Design: the concept pt::memory::SmartBuffer of PipelineTools.

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

#include "memoir/buffer/buffer_view.h"
#include "memoir/buffer/released_buffer.h"
#include "memoir/buffer/shared_buffer.h"
#include "memoir/buffer/unique_buffer.h"
#include "memoir/memory_location.h"

MEMOIR_BEGIN

template <class B>
concept smart_buffer = requires(B& buffer, const B& constant) {
  typename B::value_type;
  { constant.size() } -> std::same_as<std::size_t>;
  { constant.size_bytes() } -> std::same_as<std::size_t>;
  { constant.empty() } -> std::same_as<bool>;
  { constant.location() } -> std::same_as<memory_location>;
  { buffer.data() } -> std::convertible_to<const typename B::value_type*>;
  { buffer.span() } -> std::convertible_to<std::span<const typename B::value_type>>;
  requires !std::is_trivially_copyable_v<typename B::value_type> || requires {
    { buffer.byte_span() } -> std::convertible_to<std::span<const std::byte>>;
  };
};

MEMOIR_END
