# pages arrive at the address that the receiver named
s/pt_ensure(&to->pt, source.va + distance)/pt_ensure(\&to->pt, source.va)/
