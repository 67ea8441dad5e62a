# mm/usercopy.c store_and_send: who gets a page by message does not know that it is there
/^    region_add_resident(/,/;$/d
