#!/bin/sh
# Gradescope runs this once, when the image is made: install what Byre needs, and build the judge.
# The zip file holds this file, run_autograder, a file LAB with the lab's number, and the tree as byre/.
set -eu
cd "${AUTOGRADER:-/autograder}/source/byre"
./byre doctor --install
./byre grade mm/cow.c
