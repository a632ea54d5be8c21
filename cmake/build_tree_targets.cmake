# The same targets for a project that has Memoir as a part of its own build
# (add_subdirectory, FetchContent): cmake/memoirConfig.cmake.in defines them for the
# installed tree.
include(runtime_targets)

foreach(target IN ITEMS runtime runtime_static)
  add_library(memoir_${target} INTERFACE)
  add_library(memoir::${target} ALIAS memoir_${target})
  target_include_directories(memoir_${target} INTERFACE ${PROJECT_SOURCE_DIR}/runtime/include)
  # The collector is found in the build tree, and must be there.
  add_dependencies(memoir_${target} memoir)
endforeach()
memoir_link_shared(memoir_runtime memoir_preload memoir_bounds_preload)
memoir_link_static(memoir_runtime_static memoir_static ${MEMOIR_LIB_DIR})

# Without the folders that only Memoir's own sources may include from.
add_library(memoir_alloc_public INTERFACE)
add_library(memoir::alloc ALIAS memoir_alloc_public)
target_include_directories(memoir_alloc_public INTERFACE ${PROJECT_SOURCE_DIR}/runtime/include)
target_compile_features(memoir_alloc_public INTERFACE cxx_std_20)
target_link_libraries(memoir_alloc_public INTERFACE $<TARGET_FILE:memoir_alloc>
  Threads::Threads)
add_dependencies(memoir_alloc_public memoir_alloc)

set(memoir_EXECUTABLE ${MEMOIR_BIN_DIR}/memoir)
if(NOT PROJECT_IS_TOP_LEVEL)
  set(memoir_EXECUTABLE ${memoir_EXECUTABLE} PARENT_SCOPE)
endif()
