# Where output and input go.
echo first > /tmp/r
echo second >> /tmp/r
cat < /tmp/r
echo third >/tmp/r
cat /tmp/r
cat < /tmp/r > /tmp/s
cat /tmp/s
> /tmp/r
wc -c < /tmp/r
echo words after > /tmp/r the file
cat /tmp/r
cat /nowhere 2> /tmp/r
grep -c nowhere /tmp/r
cat /nowhere 2>> /tmp/r
grep -c nowhere /tmp/r
cat /nowhere > /tmp/r 2>&1
grep -c nowhere /tmp/r
cat /nowhere 2>&1 | grep -c nowhere
echo both > /tmp/r > /tmp/s
wc -c < /tmp/r
cat /tmp/s
echo lost > /nowhere/file
echo $?
cat < /nowhere
echo $?
echo a2> /tmp/r
cat /tmp/r
cd / > /tmp/r
rm /tmp/r /tmp/s
