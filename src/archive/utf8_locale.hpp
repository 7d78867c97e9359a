#pragma once

#include <locale.h>

namespace kiln::archive {

/// The names of a thread's archives are UTF-8 while this lives: libarchive converts them between
/// the archive and the locale of the thread, and in that of C it knows ASCII only.
class Utf8Locale {
public:
    /// Throws Error (code tool) on a machine without the locale.
    Utf8Locale();
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;
    Utf8Locale(Utf8Locale&&) = delete;
    Utf8Locale& operator=(Utf8Locale&&) = delete;
    ~Utf8Locale();

private:
    locale_t mine_;
    locale_t old_{};
};

} // namespace kiln::archive
