# a failure is told
s/        return -ENOMEM;$/        return 0;/
