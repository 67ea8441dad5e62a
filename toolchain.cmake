# The cross compiler for the kernel and the user programs: gcc, or clang with the preset "clang".
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES BYRE_CLANG)

# Find `program` and ask it for its version; say which package has it when it is missing or older
# than `minimum`.
function(require_tool variable program package minimum)
    find_program(${variable} ${program})
    if(NOT ${variable})
        message(FATAL_ERROR "${program} is missing: install the package ${package} "
                            "(./byre test installs what it needs)")
    endif()
    execute_process(COMMAND ${${variable}} --version OUTPUT_VARIABLE text ERROR_QUIET)
    string(REGEX MATCH "[0-9]+(\\.[0-9]+)+" version "${text}")
    if(version VERSION_LESS minimum)
        message(FATAL_ERROR "${program} is version ${version}, and Byre needs ${minimum} or newer: "
                            "install a newer package ${package}")
    endif()
endfunction()

# The cross compiler under the names that distributions have for it; any of them makes programs
# that stand alone. clang too builds user programs with gcc's support library.
find_program(BYRE_GCC NAMES riscv64-linux-gnu-gcc riscv64-elf-gcc riscv64-unknown-elf-gcc riscv-none-elf-gcc)
require_tool(BYRE_GCC riscv64-linux-gnu-gcc gcc-riscv64-linux-gnu 11)
if(BYRE_CLANG)
    require_tool(BYRE_CLANG_PROGRAM clang clang 14)
    require_tool(BYRE_LLD ld.lld lld 14)
    set(CMAKE_C_COMPILER ${BYRE_CLANG_PROGRAM})
    set(CMAKE_C_COMPILER_TARGET riscv64-linux-gnu)
    set(CMAKE_ASM_COMPILER ${BYRE_CLANG_PROGRAM})
    set(CMAKE_ASM_COMPILER_TARGET riscv64-linux-gnu)
else()
    set(CMAKE_C_COMPILER ${BYRE_GCC})
    set(CMAKE_ASM_COMPILER ${BYRE_GCC})
endif()
string(REGEX REPLACE "gcc$" "" BYRE_CROSS "${BYRE_GCC}")
set(CMAKE_OBJCOPY ${BYRE_CROSS}objcopy CACHE FILEPATH "")
set(CMAKE_NM ${BYRE_CROSS}nm CACHE FILEPATH "")
