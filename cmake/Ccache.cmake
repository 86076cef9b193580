# A compiler cache when there is one. The sloppiness is what ccache's manual asks for with precompiled headers;
# the base folder lets two checkouts share their objects.
find_program(C2C_CCACHE ccache)
if(C2C_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${C2C_CCACHE})
endif()
