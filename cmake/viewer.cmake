# The viewer: the layer `viewer`, which is everything but main(), so that tests can drive it
# without a window, and memoir-viewer. Left out, with a word, where its libraries are missing.
set(MEMOIR_VIEWER_FOUND FALSE)
if(MEMOIR_VIEWER)
  pkg_check_modules(IMGUI IMPORTED_TARGET imgui)
  pkg_check_modules(FREETYPE IMPORTED_TARGET freetype2)
  find_package(glfw3 3.3 QUIET)
  find_package(OpenGL QUIET COMPONENTS OpenGL)
  if(IMGUI_FOUND AND FREETYPE_FOUND AND glfw3_FOUND AND OpenGL_FOUND)
    set(MEMOIR_VIEWER_FOUND TRUE)
  else()
    message(STATUS "memoir-viewer is left out: it needs libimgui-dev, libfreetype-dev, "
      "libglfw3-dev and libgl-dev")
  endif()
endif()

# Its program, once the layer is there.
function(memoir_viewer_program)
  add_executable(memoir_viewer_program ${PROJECT_SOURCE_DIR}/viewer/main.cpp)
  set_target_properties(memoir_viewer_program PROPERTIES
    OUTPUT_NAME memoir-viewer
    RUNTIME_OUTPUT_DIRECTORY ${MEMOIR_BIN_DIR})
  target_compile_definitions(memoir_viewer_program PRIVATE MEMOIR_VERSION="${PROJECT_VERSION}")
  target_link_libraries(memoir_viewer_program PRIVATE memoir_warnings memoir_viewer)
  memoir_not_optimized(memoir_viewer_program)
endfunction()
