# Programs of all kinds, and a fork bomb: the ledger afterwards says that nothing was kept.
ls / > /tmp/list
cat /tmp/list /tmp/list | grep bin | wc -l
forktest > /tmp/list
forkbomb 9 > /tmp/list
grep -c generations /tmp/list
forkbomb 12 > /tmp/list
grep -c generations /tmp/list
echo still here
ps > /tmp/list
grep -c init /tmp/list
rm /tmp/list
