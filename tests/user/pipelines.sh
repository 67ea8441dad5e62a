# What goes through pipes, and what a pipeline's status is.
echo one two | cat
echo one two three | wc -w
cat /tests/pipelines.sh | grep echo | grep -v grep | wc -l > /tmp/count
cat /tmp/count | cat | cat | cat | cat | cat | cat | cat | cat
rm /tmp/count
true | false
echo $?
false | true
echo $?
echo unread | true
echo $?
cat /bin/sh | cat | cat > /tmp/copy
cat /bin/sh | wc -c > /tmp/first
cat /tmp/copy | wc -c > /tmp/second
cat /tmp/first /tmp/second | grep 0 | wc -l > /tmp/none
grep x /tmp/none
echo $?
cp /tmp/first /tmp/third
rm /tmp/copy /tmp/first /tmp/second /tmp/third /tmp/none
exit 5 | cat
echo $?
cat | exit 6
echo $?
echo a |
cat
