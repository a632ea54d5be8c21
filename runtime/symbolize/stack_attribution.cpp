#include "symbolize/stack_attribution.h"

#include <algorithm>

namespace memoir {

void StackAttribution::set_frame(std::uint32_t frame, FrameRole role) {
  if (frame >= roles_.size()) {
    roles_.resize(std::max<std::size_t>(frame + std::size_t{1}, roles_.size() * 2));
  }
  roles_[frame] = role;
}

FrameRole StackAttribution::role(std::uint32_t frame) const {
  return frame < roles_.size() ? roles_[frame] : FrameRole::kProgram;
}

std::uint32_t StackAttribution::add(std::uint32_t stack, std::uint32_t parent,
                                    std::uint32_t frame) {
  const Places outer =
      parent < stack && parent < places_.size() ? places_[parent] : Places{};
  Places here;
  switch (role(frame)) {
    case FrameRole::kProgram:
      here = {frame, 0, frame};
      break;
    case FrameRole::kAllocator:
      here = {outer.place, 0, frame};
      break;
    case FrameRole::kMemoir:
      here = {outer.place, 0, outer.not_memoir};
      break;
    case FrameRole::kLibcInternal:
      here = {outer.after_libc != 0 ? outer.after_libc : frame, outer.after_libc, frame};
      break;
    case FrameRole::kLibcGiver:
      here = {outer.place, outer.place, frame};
      break;
  }
  if (stack >= places_.size()) places_.resize(stack + std::size_t{1});
  places_[stack] = here;
  return here.place != 0 ? here.place : here.not_memoir;
}

}  // namespace memoir
