# Torch is found last: looking for other packages after it can lead to linker errors (ScaleLLM's note), and its
# version is asked as 1.13, because Debian's 1.13.1 calls itself 1.13.0.
find_package(Threads REQUIRED)
find_package(tl-expected REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto) # SHA-256 of weight files
find_package(CURL REQUIRED) # models fetch
find_package(PkgConfig REQUIRED)
pkg_check_modules(EXIV2 REQUIRED IMPORTED_TARGET exiv2)
pkg_check_modules(LCMS2 REQUIRED IMPORTED_TARGET lcms2)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp libwebpdemux libwebpmux) # comes with libopencv-dev by way of libtiff-dev
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(LIBAV REQUIRED IMPORTED_TARGET libavformat libavcodec libavutil libswscale) # movies of sequences
find_package(ICU REQUIRED COMPONENTS uc) # NFC and lower case for the tokenizer
find_package(OpenImageIO REQUIRED)
find_package(OpenCV REQUIRED COMPONENTS core imgproc dnn)
find_package(dlib REQUIRED)
if(C2C_UI)
  find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets DBus Concurrent)
  pkg_check_modules(XCB REQUIRED IMPORTED_TARGET xcb xcb-xinerama) # the screen's profile
endif()
if(C2C_TESTS)
  find_package(Catch2 2.13 REQUIRED)
  if(C2C_UI)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Test)
  endif()
endif()
find_package(Torch 1.13 REQUIRED)
