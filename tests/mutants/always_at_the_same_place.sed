s/pt_ensure(&to->pt, va + distance)/pt_ensure(\&to->pt, va)/
