#include "cli/command.hpp"

int main(int argc, char** argv) {
    return kiln::cli::run({argv, argv + argc});
}
