# Those of binutils, also where CMake found LLVM's beside clang: lld cannot dissolve groups.
find_program(MEMOIR_GNU_LD NAMES ld.bfd ld REQUIRED)
find_program(MEMOIR_GNU_OBJCOPY NAMES objcopy REQUIRED)
mark_as_advanced(MEMOIR_GNU_LD MEMOIR_GNU_OBJCOPY)

# memoir_static_object(<name> EXPORTS <names>... LAYERS <layers>...)
#
# One object file with all of these layers, for linking into a program: only the names that
# are listed are seen from outside, so that Memoir's own memcpy, and its functions, are not
# mistaken for the program's. They are weak: what the program defines itself goes first, as it
# does before a preloaded library. Without debug information: call stacks of the program name
# the function that was intercepted, and nothing of what is behind it.
#
# Sets <name>_OBJECT in the caller's scope.
function(memoir_static_object name)
  cmake_parse_arguments(ONE "" "" "EXPORTS;LAYERS" ${ARGN})
  set(exports ${CMAKE_CURRENT_BINARY_DIR}/${name}.exports)
  string(REPLACE ";" "\n" lines "${ONE_EXPORTS}")
  file(CONFIGURE OUTPUT ${exports} CONTENT "${lines}\n" @ONLY)
  set(objects "")
  foreach(layer IN LISTS ONE_LAYERS)
    list(APPEND objects $<TARGET_OBJECTS:memoir_${layer}>)
  endforeach()
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.o)
  # Groups are dissolved: of two with the same name the linker keeps one, and it must not be
  # the one that we cannot name any more.
  add_custom_command(OUTPUT ${object}
    COMMAND ${MEMOIR_GNU_LD} -r --force-group-allocation -o ${object}.whole ${objects}
    COMMAND ${MEMOIR_GNU_OBJCOPY} --strip-debug --keep-global-symbols=${exports}
      --weaken-symbols=${exports} ${object}.whole ${object}
    COMMAND ${CMAKE_COMMAND} -E rm ${object}.whole
    DEPENDS ${objects} ${exports}
    COMMENT "Making one object of ${name}" COMMAND_EXPAND_LISTS VERBATIM)
  set(${name}_OBJECT ${object} PARENT_SCOPE)
endfunction()

# memoir_names_in_map(<variable> <version script>): the names that it makes global.
function(memoir_names_in_map variable map)
  file(READ ${map} text)
  string(REGEX REPLACE "#[^\n]*" "" text "${text}")
  string(REGEX REPLACE "^.*global:|local:.*$" "" text "${text}")
  string(REGEX MATCHALL "[A-Za-z_][A-Za-z0-9_]*" names "${text}")
  set(${variable} ${names} PARENT_SCOPE)
endfunction()
