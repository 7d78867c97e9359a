#include "element/shell_commands.hpp"
#include "util/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using element::read_shell;
using element::ShellCommand;
using element::ShellCommands;
using ::testing::Contains;
using ::testing::ElementsAre;

std::vector<std::string> commands(std::string_view script) {
    std::vector<std::string> lines;
    for (const ShellCommand& command : read_shell(script).commands) {
        lines.push_back(util::join(command.words, " "));
    }
    return lines;
}

TEST(ShellCommands, EndAtLineEndsAndOperators) {
    EXPECT_THAT(commands("a 1\nb 2; c && d || e | f & g"),
                ElementsAre("a 1", "b 2", "c", "d", "e", "f", "g"));
    EXPECT_THAT(commands("a \\\n  b\n"), ElementsAre("a b"));
}

TEST(ShellCommands, StandBehindKeywords) {
    EXPECT_THAT(commands("if a; then b; elif ! c; then d; else e; fi\n"),
                ElementsAre("a", "b", "c", "d", "e"));
    EXPECT_THAT(commands("while a; do b; done\n{ c; }\n(d)\n"), ElementsAre("a", "b", "c", "d"));
}

TEST(ShellCommands, PatternsOfCaseAreNone) {
    const char* script = "case $x in\n  a | b) one ;;\n  (c) two\n    three ;;\n  *)\nesac\nfour\n";
    EXPECT_THAT(commands(script), ElementsAre("case $x in", "one", "two", "three", "four"));
    EXPECT_TRUE(read_shell(script).sound);
}

TEST(ShellCommands, OfSubstitutionsAreFound) {
    EXPECT_THAT(commands("a \"$(b \"$(c)\")\" `d` <(e) ${x:-$(f)}\n"),
                ::testing::UnorderedElementsAre(
                    "a \"$(b \"$(c)\")\" `d` ${x:-$(f)}", "b \"$(c)\"", "c", "d", "e", "f"));
}

TEST(ShellCommands, QuotesHideSigns) {
    EXPECT_THAT(commands("a 'x; y' \"p | q\" $'it\\'s; so' r\\;s # t; u\n"),
                ElementsAre("a 'x; y' \"p | q\" $'it\\'s; so' r\\;s"));
}

TEST(ShellCommands, TestsMayHoldAnySign) {
    const char* script = "[[ $k = /* && ( -f $k || $x =~ ^(a|b)\\ c$ ) ]] || die\n";
    EXPECT_THAT(commands(script),
                ElementsAre("[[ $k = /* && ( -f $k || $x =~ ^(a|b)\\ c$ ) ]]", "die"));
    EXPECT_TRUE(read_shell(script).sound);
}

TEST(ShellCommands, FunctionsAreKnownByName) {
    const ShellCommands script = read_shell("one() {\n a\n}\nfunction two {\n b\n}\none\n");
    EXPECT_THAT(script.functions, ElementsAre("one", "two"));
    EXPECT_THAT(commands("one() {\n a\n}\none\n"), ElementsAre("a", "one"));
}

TEST(ShellCommands, WordsOfArraysAreNone) {
    EXPECT_THAT(commands("list=(a\n  b $(c))\nd\n"), Contains("c"));
    EXPECT_THAT(commands("list=(a\n  b)\nd\n"), ElementsAre("list=(a\n  b)", "d"));
}

TEST(ShellCommands, HereDocumentsAreText) {
    const char* script = "cat <<-'END' >x\n\t# kept; \"\n\tEND\nb\n";
    const ShellCommands read = read_shell(script);
    EXPECT_TRUE(read.sound);
    EXPECT_THAT(commands(script), ElementsAre("cat > x", "<<", "b"));
    EXPECT_NE(read.text.find("# kept"), std::string::npos);
}

TEST(ShellCommands, CommentsAreApart) {
    const ShellCommands script = read_shell("#!/bin/sh\na # $b\n  # c\n\"# d\" e#f ${#g}\n");
    EXPECT_EQ(script.comments, "# $b\n# c\n");
    EXPECT_EQ(script.text.find("$b"), std::string::npos);
    EXPECT_EQ(script.text.find("/bin/sh"), std::string::npos);
    EXPECT_NE(script.text.find("\"# d\" e#f ${#g}"), std::string::npos);
}

TEST(ShellCommands, WhatIsNotClosedIsToldAndKeptWhole) {
    for (const char* script : {"a 'b\n# c\n",
                               "a \"b\n",
                               "a $(b\n",
                               "a ${b\n",
                               "a <<END\nb\n",
                               "case x in a) b\n",
                               "a )\n",
                               "((1\n"}) {
        EXPECT_FALSE(read_shell(script).sound) << script;
        EXPECT_EQ(read_shell(script).text, script);
    }
    const std::string deep(1000, '(');
    EXPECT_FALSE(read_shell(deep).sound);
}

TEST(ShellCommands, ArithmeticIsNoHereDocument) {
    EXPECT_TRUE(
        read_shell("x=$((1<<2))\n((y = x << 1))\nfor ((i = 0; i < 3; i++)); do a; done\n").sound);
}

} // namespace
} // namespace kiln::tests
