# shellcheck shell=sh
# What Byre needs of the machine that it is built on, and under which names package managers have
# it. Read by `byre`; plain sh, since nothing may be there yet.

# A line each: what proves that it is there (a program, or one of several; a folder; the words
# "headers", "firmware" and "debugger"), and its package for apt-get, dnf, pacman, apk and brew.
# "a|b": the first that this release knows. "-": not to be had, or never missing.
needed='
gcc|cc                        gcc gcc gcc gcc -
headers                       libc6-dev glibc-devel glibc musl-dev -
cmake                         cmake cmake cmake cmake cmake
ninja                         ninja-build ninja-build ninja ninja-build ninja
python3                       python3 python3 python python3 python
riscv64-linux-gnu-gcc|riscv64-elf-gcc|riscv64-unknown-elf-gcc|riscv-none-elf-gcc gcc-riscv64-linux-gnu gcc-riscv64-linux-gnu riscv64-linux-gnu-gcc gcc-riscv-none-elf riscv64-elf-gcc
qemu-system-riscv64           qemu-system-riscv|qemu-system-misc qemu-system-riscv-core qemu-system-riscv qemu-system-riscv64 qemu
firmware                      opensbi qemu-system-riscv-core qemu-system-riscv-firmware opensbi qemu
make                          make make make make -
'

# What some tests use; without it these are skipped. bwrap: the sandbox of ./byre grade.
optional='
bwrap                         bubblewrap bubblewrap bubblewrap bubblewrap -
clang                         clang clang clang clang llvm
ld.lld                        lld lld lld lld lld
clang-tidy-14                 clang-tidy-14 - - - -
clang-format-14               clang-format-14 - - - -
spin                          spin - - - spin
mmdebstrap                    mmdebstrap - - - -
'

debugger='
debugger                      gdb-multiarch gdb riscv64-elf-gdb gdb-multiarch riscv64-elf-gdb
'

# QEMU looks for the firmware in its own folder, wherever that is.
have_firmware() {
    for file in /usr/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin \
        /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin \
        "$(dirname "$(command -v qemu-system-riscv64)")"/../share/qemu/opensbi-riscv64-generic-fw_dynamic.bin; do
        [ ! -e "$file" ] || return 0
    done
    return 1
}

# Prints the first debugger that knows this machine: a plain gdb may, or may not.
find_debugger() {
    for program in gdb-multiarch riscv64-elf-gdb riscv64-linux-gnu-gdb gdb; do
        "$program" -batch -ex 'set architecture riscv:rv64' >/dev/null 2>&1 && echo "$program" && return 0
    done
    return 1
}

# found PROOF: prints which of it is there
found() {
    case $1 in
        firmware) have_firmware && echo OpenSBI ;;
        debugger) find_debugger ;;
        headers)
            [ -e /usr/include/stdlib.h ] || echo '#include <stdlib.h>' | cc -E - >/dev/null 2>&1 || return 1
            echo "the C library"
            ;;
        /*) [ -e "$1" ] && echo "$1" ;;
        *)
            for program in $(echo "$1" | tr '|' ' '); do
                command -v "$program" >/dev/null && echo "$program" && return 0
            done
            return 1
            ;;
    esac
}

# The package manager of this machine, as it is called to install; nothing when we know none.
manager() {
    for name in apt-get dnf pacman apk brew; do
        command -v "$name" >/dev/null && echo "$name" && return 0
    done
    return 1
}

# install_line PACKAGE...: the command that installs them, as text
install_line() {
    case $(manager) in
        apt-get)
            # shellcheck disable=SC2046 # a list of names
            echo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(known "$@")
            ;;
        dnf) echo "dnf install -y -q --setopt=install_weak_deps=False $*" ;;
        pacman) echo "pacman -S --needed --noconfirm $*" ;;
        apk) echo "apk add -q $*" ;;
        brew) echo "brew install -q $*" ;;
    esac
}

# package MANAGER APT DNF PACMAN APK BREW: the name for this manager
package() {
    case $1 in
        apt-get) echo "$2" ;;
        dnf) echo "$3" ;;
        pacman) echo "$4" ;;
        apk) echo "$5" ;;
        brew) echo "$6" ;;
    esac
}

# missing TABLE: the packages of what is not there
missing() {
    with=$(manager) || with=apt-get
    echo "$1" | while read -r proof packages; do
        [ -z "$proof" ] || found "$proof" >/dev/null && continue
        # shellcheck disable=SC2086 # a list of names
        name=$(package "$with" $packages)
        if [ "$name" = - ]; then
            say "missing: $proof (no package of $with is known to have it; Debian's is ${packages%% *})"
        else
            echo "$name"
        fi
    done | sort -u | tr '\n' ' '
}

# ask_administrator COMMAND...
ask_administrator() {
    say "to install needs root, and there is no sudo, or it refused. The line for the administrator:"
    echo "    $*" >&2
    exit 2
}

# known PACKAGE...: of alternatives "a|b", the first that apt-get knows, or else the last
known() {
    for names in "$@"; do
        case $names in
            *"|"*)
                for name in $(echo "$names" | tr '|' ' '); do
                    apt-cache show "$name" >/dev/null 2>&1 && break
                done
                echo "$name"
                ;;
            *) echo "$names" ;;
        esac
    done
}

# as_root LINE: run it as root
as_root() {
    if [ "$(id -u)" = 0 ]; then
        sh -c "$1" >&2
    else
        sudo sh -c "$1" >&2
    fi
}

# The package manager's own lists of packages; on a new machine there are none.
update_lists() {
    [ "$(manager)" != apt-get ] || [ -n "${updated-}" ] || as_root "apt-get update -qq"
    updated=1
}

# install PACKAGE...
install() {
    if ! with=$(manager); then
        say "missing: $* (Debian's names: there is no package manager here that we know)"
        exit 2
    fi
    say "installing $*"
    if [ "$with" = brew ]; then # which is not for root
        brew install -q "$@" >&2 || exit 2
    elif [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        say "that needs root, and there is no sudo. The line for the administrator:"
        echo "    $([ "$with" != apt-get ] || echo "apt-get update && ")$(install_line "$@")" >&2
        exit 2
    elif ! update_lists || ! as_root "$(install_line "$@")"; then
        say "that failed. What was to be done, as root: $(install_line "$@")"
        exit 2
    fi
}

# install_missing COMMAND: what that command of ours needs
install_missing() {
    all=$needed
    [ "$1" != gdb ] || all=$needed$debugger
    packages=$(missing "$all")
    # shellcheck disable=SC2086 # a list of names
    [ -z "$packages" ] || install $packages
}

# All that commands use, and of what only tests use as much as this system has.
install_all() {
    packages=$(missing "$needed$debugger")
    # shellcheck disable=SC2086 # a list of names
    [ -z "$packages" ] || install $packages
    for package in $(missing "$optional"); do
        (install "$package") || say "going on without $package"
    done
}

# describe STATE TABLE: a line for each; what is not there is in STATE
describe() {
    with=$(manager) || with=apt-get
    echo "$2" | while read -r proof packages; do
        [ -n "$proof" ] || continue
        if there=$(found "$proof"); then
            case $there in
                OpenSBI | the* | /*) version= ;;
                *) version=$("$there" --version 2>&1 | head -n 1) ;;
            esac
            printf 'ok       %-24s %s\n' "$there" "$version"
            continue
        fi
        # shellcheck disable=SC2086 # a list of names
        name=$(known "$(package "$with" $packages)")
        if [ "$name" = - ]; then
            printf '%-8s %-24s no package of %s is known to have it\n' "$1" "$proof" "$with"
        else
            printf '%-8s %-24s %s\n' "$1" "$proof" \
                "$(install_line "$name" | sed 's/.*apt-get install.* /apt-get install /')"
        fi
    done
}

# Says what there is; changes nothing. Fails when something is missing.
doctor() {
    told=$(describe missing "$needed")
    echo "$told"
    describe optional "$optional$debugger"
    case "
$told" in
        *"
missing "*)
            echo "./byre run and ./byre test install what is missing"
            return 1
            ;;
    esac
}
