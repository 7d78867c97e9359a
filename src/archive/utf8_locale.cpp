#include "archive/utf8_locale.hpp"

#include "util/error.hpp"

namespace kiln::archive {

Utf8Locale::Utf8Locale() : mine_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (mine_ == nullptr) {
        util::throw_errno({.what = "this machine has no locale 'C.UTF-8'",
                           .hint = "it comes with the C library: sudo apt-get install libc-bin",
                           .code = util::ExitCode::tool});
    }
    old_ = ::uselocale(mine_);
}

Utf8Locale::~Utf8Locale() {
    ::uselocale(old_);
    ::freelocale(mine_);
}

} // namespace kiln::archive
