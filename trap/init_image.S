/* The image of init, in whole pages, so that exec can share them. */
    .section .rodata.init_image, "a"
    .balign 4096
    .globl init_image_start, init_image_end
init_image_start:
    .incbin INIT_IMAGE
init_image_end:
    .balign 4096
