# What the shell does itself.
mkdir /tmp/b /tmp/b/c
cd /tmp/b
echo here > file
ls
cd c
cat ../file
cd ..
cd c/../.
cat file
cd /nowhere
echo $?
cd file
echo $?
cat file
cd c | cat
cat file
cd
cat tmp/b/file
rm /tmp/b/file
rm -r /tmp/b
true
echo $?
false
echo $?
sh -c 'exit 7'
echo $?
sh -c 'exit 256'
echo $?
sh -c 'exit -1'
echo $?
sh -c 'false; exit'
echo $?
sh -c ''
echo $?
echo 'echo in a script; false' > /tmp/script
sh /tmp/script
echo $?
sh < /tmp/script
echo $?
sh /tmp/nowhere
echo $?
rm /tmp/script
exit 0
echo never
