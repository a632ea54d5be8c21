# The installed tree is laid out as the build tree is:
#   bin/memoir  lib/memoir/libmemoir_*.so  include/memoir/*.h  lib/cmake/memoir/*
# `lib` is fixed, not lib64 or lib/<machine>: the launcher looks in ../lib/memoir.
include(CMakePackageConfigHelpers)

if(TARGET memoir)
  install(TARGETS memoir RUNTIME DESTINATION bin)
endif()
if(TARGET memoir_preload)
  install(TARGETS memoir_preload LIBRARY DESTINATION lib/memoir)
endif()
if(TARGET memoir_bounds_preload)
  install(TARGETS memoir_bounds_preload LIBRARY DESTINATION lib/memoir)
endif()
install(DIRECTORY DESTINATION include/memoir)
if(EXISTS ${PROJECT_SOURCE_DIR}/runtime/include/memoir)
  install(DIRECTORY runtime/include/memoir/ DESTINATION include/memoir
    FILES_MATCHING PATTERN "*.h")
endif()

configure_package_config_file(cmake/memoirConfig.cmake.in
  ${PROJECT_BINARY_DIR}/memoirConfig.cmake
  INSTALL_DESTINATION lib/cmake/memoir NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/memoirConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/memoirConfig.cmake
  ${PROJECT_BINARY_DIR}/memoirConfigVersion.cmake
  DESTINATION lib/cmake/memoir)
