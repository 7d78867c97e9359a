#include "element/command_use.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using element::FileUse;
using element::ShellCommand;
using element::UnknownFile;

ShellCommand command(const char* text) {
    return element::read_shell(text).commands.back();
}

FileUse use(const char* text) {
    return element::use_of(command(text));
}

UnknownFile unknown(const char* text) {
    return element::unknown_file_of(command(text));
}

TEST(CommandUse, WhoCopiesRunsNothing) {
    for (const char* text : {"install -m 0755 a /usr/bin/",
                             "[ -f a ]",
                             "echo a",
                             "A=1 cp a b",
                             "sudo cp a b",
                             "find a -exec rm {} +",
                             "find a -type f"}) {
        EXPECT_EQ(use(text), FileUse::data) << text;
    }
}

TEST(CommandUse, WhoIsNotKnownMayRun) {
    for (const char* text : {"a",
                             "/usr/bin/a",
                             "bash a",
                             "source a",
                             "unheard-of a",
                             "find . -exec a {} +",
                             "exec a",
                             "xargs a",
                             "cat <<END\nx\nEND\n"}) {
        EXPECT_EQ(use(text), FileUse::run) << text;
    }
}

TEST(CommandUse, VariablesHold) {
    EXPECT_EQ(use("x=a"), FileUse::held);
    EXPECT_EQ(use("export x=a"), FileUse::held);
    EXPECT_EQ(use("for x in a b; do"), FileUse::held);
}

TEST(UnknownFile, IsRunThroughVariablesAndRelativePaths) {
    for (const char* text :
         {"$x", "\"${x}\" y", "exec $x", "./x", "env A=1 \"$x\"", "run-parts x", "bin/$x"}) {
        EXPECT_EQ(unknown(text), UnknownFile::program) << text;
    }
}

TEST(UnknownFile, IsReadByShellsAndInterpreters) {
    for (const char* text : {"source $x",
                             ". \"$x\"",
                             "bash -e $x",
                             "python3 $x",
                             "eval $x",
                             "xargs sh",
                             "xargs -0 -n 1 $x",
                             "find . -exec {} ;",
                             "chroot $r $x",
                             "sh -c \"$x\""}) {
        EXPECT_EQ(unknown(text), UnknownFile::text) << text;
    }
}

TEST(UnknownFile, IsNoneWhereAllIsNamed) {
    for (const char* text : {"x $y",
                             "\"$KILN\" tool x",
                             "source /etc/os-release",
                             "xargs -0 rm -f",
                             "find . -exec install -m $m {} +",
                             "python3 - $x",
                             "x=$y",
                             "cd $x"}) {
        EXPECT_EQ(unknown(text), UnknownFile::none) << text;
    }
}

} // namespace
} // namespace kiln::tests
