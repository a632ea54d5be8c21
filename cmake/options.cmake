# What a person who builds Memoir may choose.
option(MEMOIR_TESTS "Build the tests, and register them with ctest" ${PROJECT_IS_TOP_LEVEL})
option(MEMOIR_VIEWER "Build the viewer, where its libraries are" ${PROJECT_IS_TOP_LEVEL})
option(MEMOIR_INSTALL "Install Memoir with what is installed" ${PROJECT_IS_TOP_LEVEL})
option(MEMOIR_WERROR "Treat warnings as errors" OFF)
set(MEMOIR_SANITIZE "" CACHE STRING
  "Value for -fsanitize=, applied to all code that runs outside the traced program")

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# What another project chooses for itself, and would be wrong for what runs below malloc.
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION OFF)
set(CMAKE_UNITY_BUILD OFF)
# For builds that are made whole, and once: what includes large headers compiles in a third
# of the time. Who works on the sources wants to compile one of them.
option(MEMOIR_UNITY "Compile several sources of what is not loaded into programs at once" OFF)
if(NOT PROJECT_IS_TOP_LEVEL)
  add_compile_options(-O2)
endif()
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

find_program(MEMOIR_CCACHE ccache)
mark_as_advanced(MEMOIR_CCACHE)
if(MEMOIR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${MEMOIR_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MEMOIR_CCACHE})
endif()

# The build tree is laid out as the installed tree is: the launcher finds the library
# at ../lib/memoir beside itself in both.
set(MEMOIR_BIN_DIR ${PROJECT_BINARY_DIR}/bin)
set(MEMOIR_LIB_DIR ${PROJECT_BINARY_DIR}/lib/memoir)

# Warnings for Memoir's own sources; linked PRIVATE, so that they stop at our targets.
add_library(memoir_warnings INTERFACE)
target_compile_options(memoir_warnings INTERFACE
  -Wall -Wextra -Wconversion $<$<BOOL:${MEMOIR_WERROR}>:-Werror>
  # Said of every source that is included by another.
  $<$<AND:$<BOOL:${MEMOIR_UNITY}>,$<COMPILE_LANG_AND_ID:CXX,GNU>>:-Wno-subobject-linkage>)
