#include "element/hook_file.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using element::disables;
using element::parse_shebang;
using element::shell_dialect;
using element::stops_at_errors;

TEST(Shebang, NamesTheInterpreter) {
    EXPECT_EQ(parse_shebang("#!/bin/bash\n")->interpreter, "bash");
    EXPECT_EQ(parse_shebang("#! /bin/sh -e\n")->interpreter, "sh");
    EXPECT_EQ(parse_shebang("#!/usr/bin/env python3\n")->interpreter, "python3");
    EXPECT_EQ(parse_shebang("#!/usr/bin/env -S A=1 perl -w\n")->interpreter, "perl");
}

TEST(Shebang, TellsWhatIsWrongWithIt) {
    EXPECT_FALSE(parse_shebang("echo x\n"));
    EXPECT_FALSE(parse_shebang(""));
    EXPECT_TRUE(parse_shebang("#!/bin/bash\r\n")->carriage_return);
    EXPECT_FALSE(parse_shebang("#!bash\n")->absolute);
    EXPECT_EQ(parse_shebang("#!\n")->interpreter, "");
}

TEST(Shebang, OnlyShellsHaveADialect) {
    EXPECT_EQ(shell_dialect(*parse_shebang("#!/usr/bin/dash\n")), "dash");
    EXPECT_EQ(shell_dialect(*parse_shebang("#!/usr/bin/python3\n")), std::nullopt);
    EXPECT_TRUE(element::is_known_interpreter("python3.11"));
    EXPECT_FALSE(element::is_known_interpreter("bsah"));
}

TEST(StopsAtErrors, ByOptionInAnyForm) {
    for (const char* text : {"#!/bin/sh -e\n",
                             "#!/bin/bash\nset -e\n",
                             "#!/bin/bash\nset -eu -o pipefail\n",
                             "#!/bin/bash\nset -uxe\n",
                             "#!/bin/bash\nset -u -o errexit # really\n",
                             "#!/bin/bash\nset -x; set -e\n"}) {
        EXPECT_TRUE(stops_at_errors(text)) << text;
    }
}

TEST(StopsAtErrors, NotByOtherWords) {
    for (const char* text : {"#!/bin/bash\n",
                             "#!/bin/bash\nset -u -o pipefail\n",
                             "#!/bin/bash\n# set -e\n",
                             "#!/bin/bash\necho set -e\n",
                             "#!/bin/bash\nset -u # -e\n",
                             "#!/bin/bash\nset +e\n"}) {
        EXPECT_FALSE(stops_at_errors(text)) << text;
    }
}

TEST(Disables, ByCommentOfEitherTool) {
    EXPECT_TRUE(disables("# dib-lint: disable=setu sete\n", "sete"));
    EXPECT_TRUE(disables("#kiln-lint: disable=never-set,no-set-e\n", "no-set-e"));
    EXPECT_FALSE(disables("# dib-lint: disable=setu\n", "sete"));
    EXPECT_FALSE(disables("echo dib-lint: disable=sete # no comment\n", "sete"));
}

} // namespace
} // namespace kiln::tests
