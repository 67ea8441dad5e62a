# The cross compiler for the kernel and the user programs.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(CMAKE_C_COMPILER riscv64-linux-gnu-gcc)
set(CMAKE_ASM_COMPILER riscv64-linux-gnu-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

find_program(BYRE_COMPILER riscv64-linux-gnu-gcc)
if(NOT BYRE_COMPILER)
    message(FATAL_ERROR "riscv64-linux-gnu-gcc is missing: install the package gcc-riscv64-linux-gnu "
                        "(./byre test does it for you)")
endif()
