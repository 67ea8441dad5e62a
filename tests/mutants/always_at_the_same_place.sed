s/pt_ensure(&to->pt, source.va + distance)/pt_ensure(\&to->pt, source.va)/
