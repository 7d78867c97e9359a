# The version that `kiln --version` prints; NEWS.md has a section for it.
set(KILN_VERSION "0.1.0")
