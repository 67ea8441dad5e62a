# resolve changes the page that was written
s/pt_find(&as->pt, va), value/pt_find(\&as->pt, region->start), value/
