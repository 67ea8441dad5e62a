# a count at its end is -ENOMEM
/^    if (frame_get(frame) < 0)$/{n
s/ENOMEM/EOVERFLOW/
}
