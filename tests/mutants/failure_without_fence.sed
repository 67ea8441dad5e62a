# the fence is owed after a failure too
s/^    if (sharing.downgraded)$/    if (sharing.downgraded \&\& !error)/
