/* The parts of the ELF format that exec reads (System V ABI, chapters 4 and 5; RISC-V ELF psABI).
 */
#pragma once

#include <stdint.h>

struct elf_header {
    uint8_t magic[4]; /* 0x7f E L F */
    uint8_t class;    /* ELF_CLASS_64 */
    uint8_t data;     /* ELF_DATA_LITTLE */
    uint8_t version;
    uint8_t abi[9];
    uint16_t type;    /* ELF_TYPE_EXECUTABLE */
    uint16_t machine; /* ELF_MACHINE_RISCV */
    uint32_t version2;
    uint64_t entry;
    uint64_t segments; /* where the segment headers are in the file */
    uint64_t sections;
    uint32_t flags;
    uint16_t header_size;
    uint16_t segment_header_size;
    uint16_t nsegments;
    uint16_t section_header_size;
    uint16_t nsections;
    uint16_t section_names;
};

struct elf_segment {
    uint32_t type;  /* ELF_SEGMENT_* */
    uint32_t flags; /* ELF_FLAG_* */
    uint64_t offset;
    uint64_t address;
    uint64_t physical;
    uint64_t file_bytes;
    uint64_t memory_bytes; /* what is beyond the file's is zero */
    uint64_t align;
};

#define ELF_CLASS_64 2
#define ELF_DATA_LITTLE 1
#define ELF_TYPE_EXECUTABLE 2
#define ELF_MACHINE_RISCV 243
#define ELF_SEGMENT_LOAD 1
#define ELF_SEGMENT_INTERPRETER 3
#define ELF_FLAG_EXECUTE 1
#define ELF_FLAG_WRITE 2
#define ELF_FLAG_READ 4
