s/^    if (sharing.downgraded)$/    if (sharing.downgraded \&\& !error)/
