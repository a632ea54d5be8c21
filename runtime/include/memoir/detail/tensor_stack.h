#pragma once

// What all tensor arenas have in common: tensors on an engine of bytes, and who may do
// what when. buffer/tensor_arena.h says what it means.

#include <algorithm>
#include <array>
#include <cstring>
#include <memory_resource>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>

#include "memoir/buffer/detached.h"
#include "memoir/buffer/tensor_view.h"
#include "memoir/detail/chunk_arena.h"
#include "memoir/detail/tensor_extents.h"
#include "memoir/detail/thread_owner.h"
#include "memoir/resource.h"
#include "memoir/result.h"

MEMOIR_BEGIN

// What a drop is that is not of the newest tensor: its memory waits until those above it
// are gone, or it is an error (non_lifo_drop, std::logic_error).
enum class drop_policy : std::uint8_t { deferred, strict_lifo };

// What the memory of an arena is used for: nothing yet, tensors that come and go, or one
// piece of memory under changing shapes. From the latter two, only reset() leads back; a
// stack that is empty is idle, too.
enum class tensor_mode : std::uint8_t { idle, stack, reshape };

struct tensor_arena_options {
  bool extendable = true;
  drop_policy drops = drop_policy::deferred;
};

// For reshape(): elements in front of the first one.
struct reshape_at {
  std::size_t offset = 0;
};

namespace detail {

// A tensor that is to be dropped, and by whom.
struct dropped_tensor {
  void* data = nullptr;
  std::size_t count = 0;
  std::size_t bytes = 0;
  [[no_unique_address]] block_number number{};
};

class tensor_stack {
 public:
  tensor_stack(const char* type, std::size_t element_bytes, std::size_t element_alignment,
               std::size_t capacity, const tensor_arena_options& options,
               std::pmr::memory_resource* upstream, site where)
      : type_{type},
        element_bytes_{element_bytes},
        alignment_{element_alignment},
        drops_{options.drops},
        engine_{type,
                {.capacity = checked_capacity(type, capacity, element_bytes, where),
                 .alignment = element_alignment,
                 .extendable = options.extendable,
                 .smallest_growth = 64 * element_bytes},
                upstream,
                where},
        source_{type, engine_.watch()} {}
  ~tensor_stack() { end(site::of_thread()); }

  // Throws what the faces promise. `where` is the user's call.
  arena_block allocate(const element_count& count, site where) {
    if (mode_ != ready) [[unlikely]]
      refuse(where);
    owner_.used(type_, this, where);
    if (count.wrong != element_count::fault::none) [[unlikely]] {
      refuse(count, where);
    }
    const arena_block block = engine_.allocate(count.bytes, alignment_, where);
    if (!block) [[unlikely]]
      refuse_full(count.bytes, where);
    used_ += count.count;
    return block;
  }
  result<arena_block> try_allocate(const element_count& count, site where);
  // The same, and drop_one() for the newest, where tracking is off and neither takes more
  // than a comparison; null and false where it does.
  void* cut(const small_element_count& of, std::size_t element_bytes) {
    void* const block = engine_.cut(of.count * element_bytes, of.all_ones);
    if (block != nullptr) used_ += of.count;
    return block;
  }
  bool uncut(void* block, std::size_t count, std::size_t element_bytes) {
    if (!engine_.uncut(block, count * element_bytes)) return false;
    used_ -= count;
    return true;
  }

  void drop(std::span<dropped_tensor> all, site where);
  void drop_one(dropped_tensor one, site where);
  std::size_t reset(site where);
  // Memory for `count` elements behind `offset`, moved if it has to be.
  arena_block reshape(const element_count& count, std::size_t offset, site where);
  // Takes everything back and gives it to upstream. False: that was done before.
  bool end(site where);

  std::optional<std::size_t> used() const {
    if (mode_ == reshaped) return std::nullopt;
    return used_;
  }
  tensor_mode mode() const {
    if (mode_ == reshaped) return tensor_mode::reshape;
    return engine_.position() == 0 ? tensor_mode::idle : tensor_mode::stack;
  }
  void reserve(std::size_t count, site where);
  // Blocks that do not count as tensors, for the memory_resource face.
  void* allocate_raw(std::size_t bytes, std::size_t alignment, site where);
  void deallocate_raw(void* memory, std::size_t bytes, std::size_t alignment, site where);

  bool is_ended() const { return mode_ == ended; }
  std::size_t element_bytes() const { return element_bytes_; }
  const char* type() const { return type_; }
  chunk_arena& engine() { return engine_; }
  const chunk_arena& engine() const { return engine_; }
  view_source& source() { return source_; }
  const view_source& source() const { return source_; }
  thread_owner& owner() { return owner_; }

 private:
  enum state : std::uint8_t { ready, reshaped, ended };

  static std::size_t checked_capacity(const char* type, std::size_t capacity,
                                      std::size_t element_bytes, site where) {
    if (capacity > kMostExtent / element_bytes) {
      report(finding::bad_size, type, where, "a capacity that no arena can have");
      throw std::bad_array_new_length();
    }
    return capacity * element_bytes;
  }
  [[noreturn]] void refuse(site where) const;
  [[noreturn]] void refuse(const element_count& count, site where) const;
  [[noreturn]] void refuse_full(std::size_t bytes, site where) const;
  [[noreturn]] void throw_logic(const char* what) const;
  // What follows from it for the engine's short ways.
  void set_mode(state mode) {
    mode_ = mode;
    engine_.shut(mode != ready);
  }
  void check_droppable(const dropped_tensor& one, site where);
  void take_back(const dropped_tensor& one, site where);

  const char* type_;
  std::size_t element_bytes_;
  std::size_t alignment_;
  drop_policy drops_;
  state mode_ = ready;
  std::size_t used_ = 0;
  std::size_t raw_blocks_ = 0;  // of allocate_raw()
  arena_block reshaped_{};
  std::size_t reshaped_bytes_ = 0;
  chunk_arena engine_;
  [[no_unique_address]] view_source source_;
  [[no_unique_address]] thread_owner owner_;
};

}  // namespace detail
MEMOIR_END

#include "memoir/detail/tensor_stack_checks.h"
