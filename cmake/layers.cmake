# memoir_layer(<name> TRACEE|LINKED|HOST [DEPS <lower layers>...] [LIBS <libraries>...])
#
# Defines one layer: a library made of the sources in <name>/, which may include its
# own headers, those of DEPS and the public ones, nothing else. tools/check_layers.py
# reads these calls and holds the sources to them. A layer may have headers alone.
#
# TRACEE layers run inside the traced program, under its malloc: no exceptions, no
# RTTI, no C++ runtime. LINKED layers are linked into programs by choice. HOST layers
# run beside the traced program, as ordinary C++.
#
# Targets: memoir_<name> is the layer as it ships. memoir_<name>_host is what HOST layers
# and unit tests link; it differs only for TRACEE and LINKED layers of a sanitized build,
# which are compiled twice, since what is loaded into traced programs must never carry a
# sanitizer.
function(memoir_layer name side)
  cmake_parse_arguments(LAYER "" "" "DEPS;LIBS" ${ARGN})
  if(NOT side STREQUAL "HOST")
    memoir_layer_target(memoir_${name} ${name} ${side} PLAIN "" "${LAYER_DEPS}" "${LAYER_LIBS}")
    if(MEMOIR_SANITIZE)
      memoir_layer_target(memoir_${name}_host ${name} ${side} SANITIZED "_host"
        "${LAYER_DEPS}" "${LAYER_LIBS}")
    else()
      add_library(memoir_${name}_host ALIAS memoir_${name})
    endif()
  else()
    memoir_layer_target(memoir_${name} ${name} ${side} SANITIZED "_host"
      "${LAYER_DEPS}" "${LAYER_LIBS}")
    add_library(memoir_${name}_host ALIAS memoir_${name})
  endif()
endfunction()

# One library of a layer: kind is PLAIN or SANITIZED, and the layers below it are linked
# as memoir_<dep><suffix>.
function(memoir_layer_target target name side kind suffix deps libs)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${name}/*.cpp)
  # The command line's main() belongs to the executable, not to the layer under test.
  list(FILTER sources EXCLUDE REGEX "/${name}/main\\.cpp$")
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_link_libraries(${target} PRIVATE memoir_warnings)
    set_target_properties(${target} PROPERTIES
      POSITION_INDEPENDENT_CODE ON
      CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    if(side STREQUAL "TRACEE")
      # Guarded statics stay on: __cxa_guard_acquire is not in libc, so that a static
      # that needs one fails to link instead of racing.
      target_compile_options(${target} PRIVATE
        -fno-exceptions -fno-rtti -ftls-model=initial-exec)
    endif()
    if(side STREQUAL "HOST")
      target_compile_definitions(${target} PRIVATE MEMOIR_VERSION="${PROJECT_VERSION}")
      # Names that sources have for themselves are different ones within a layer.
      set_target_properties(${target} PROPERTIES
        UNITY_BUILD ${MEMOIR_UNITY} UNITY_BUILD_BATCH_SIZE 8)
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope}
    ${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/runtime/include)
  if(kind STREQUAL "SANITIZED")
    target_link_libraries(${target} ${scope} memoir_sanitized)
  endif()
  foreach(dep IN LISTS deps)
    target_link_libraries(${target} ${scope} memoir_${dep}${suffix})
  endforeach()
  target_link_libraries(${target} ${scope} ${libs})
endfunction()
