include(CheckCXXCompilerFlag)

# What every target of ours is compiled with; libraries of others are SYSTEM and stay silent.
add_library(c2c_flags INTERFACE)
target_include_directories(c2c_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(c2c_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                                           -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(c2c_flags INTERFACE -Wno-restrict) # false on "text" + std::string: GCC bug 105651
endif()
if(C2C_WERROR)
  target_compile_options(c2c_flags INTERFACE -Werror)
endif()
if(C2C_SANITIZE)
  target_compile_options(c2c_flags INTERFACE -fsanitize=${C2C_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(c2c_flags INTERFACE -fsanitize=${C2C_SANITIZE})
endif()

# c2c_room(<name> SOURCES … PUBLIC … PRIVATE …): one static library per folder. A room that is not named in PUBLIC or
# PRIVATE cannot be linked, so a wrong include between rooms does not build.
function(c2c_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(c2c_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(c2c_${name} PUBLIC c2c_flags ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  set_target_properties(c2c_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()

# pip's Torch has headers of another {fmt} beside its own, which come before Debian's: what they declare (in an inline
# namespace of their version) is compiled here.
foreach(folder ${TORCH_INCLUDE_DIRS})
  if(EXISTS ${folder}/fmt/format-inl.h AND NOT folder STREQUAL "/usr/include" AND NOT TARGET c2c_torch_fmt)
    add_library(c2c_torch_fmt STATIC ${CMAKE_SOURCE_DIR}/cmake/torch_fmt.cpp)
    target_include_directories(c2c_torch_fmt SYSTEM PRIVATE ${folder})
    set_target_properties(c2c_torch_fmt PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
endforeach()

# Torch headers cost 9 to 19 seconds a file: the rooms that use them share one precompiled header, made by c2c_nn.
function(c2c_uses_torch target)
  target_link_libraries(${target} PRIVATE ${TORCH_LIBRARIES})
  if(TARGET c2c_torch_fmt)
    target_link_libraries(${target} PRIVATE c2c_torch_fmt)
  endif()
  if(target STREQUAL c2c_nn)
    target_precompile_headers(${target} PRIVATE <torch/types.h> <ATen/ATen.h> <c10/core/InferenceMode.h>)
  else()
    target_precompile_headers(${target} REUSE_FROM c2c_nn)
    target_compile_options(${target} PRIVATE -fPIC) # as the header was made: a program would be -fPIE
  endif()
endfunction()
