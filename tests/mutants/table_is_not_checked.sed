# out of memory is an answer and no crash
s/error = target ? share_pages(\(.*\)) : -ENOMEM;/error = share_pages(\1);/
