# out of memory is an answer and no panic
s/^        error = target ? /        assert(target);\n&/
