#pragma once

// Signs of the Fork Awesome font, which load_fonts() merges into the letters. Without it
// they are not drawn: none of them stands alone for a meaning.

#define MEMOIR_ICONS(X)                                                              \
  X(kOpen, 0xf07c)      X(kCompare, 0xf0ec)  X(kSearch, 0xf002)   X(kFilter, 0xf0b0) \
  X(kWarning, 0xf071)   X(kLeak, 0xf043)     X(kFault, 0xf188)    X(kTree, 0xf0e8)   \
  X(kFlame, 0xf06d)     X(kList, 0xf03a)     X(kMap, 0xf00a)      X(kChart, 0xf080)  \
  X(kPool, 0xf1b3)      X(kThread, 0xf0ae)   X(kSource, 0xf121)   X(kTerminal, 0xf120) \
  X(kLog, 0xf0f6)       X(kHome, 0xf0e4)     X(kClock, 0xf017)    X(kClose, 0xf00d)  \
  X(kCopy, 0xf0c5)      X(kGood, 0xf058)     X(kBack, 0xf060)     X(kForward, 0xf061) \
  X(kHelp, 0xf059)      X(kLive, 0xf111)     X(kPause, 0xf04c)    X(kUp, 0xf062)     \
  X(kDown, 0xf063)      X(kMark, 0xf024)     X(kInfo, 0xf05a)     X(kFolder, 0xf07b) \
  X(kFile, 0xf016)      X(kTimeline, 0xf201) X(kMenu, 0xf0c9)

namespace memoir::icon {

enum Code : unsigned {
#define MEMOIR_ICON(name, code) name = code,
  MEMOIR_ICONS(MEMOIR_ICON)
#undef MEMOIR_ICON
};

}  // namespace memoir::icon

namespace memoir {

// The sign as UTF-8, valid for ever.
const char* icon_text(icon::Code code);

}  // namespace memoir
