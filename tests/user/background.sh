# & and wait: the shell goes on, and waits when it is told to.
echo first > /tmp/one &
wait
cat /tmp/one
echo $?
false & wait
echo $?
sleep 1 & echo goes on; wait; echo has waited
cat /tmp/one | cat > /tmp/two & cat /tmp/one | cat > /tmp/three & wait
cat /tmp/two /tmp/three
nowhere 2> /tmp/two &
wait; cat /tmp/two
cd /nowhere 2> /tmp/two & wait
false || echo yes > /tmp/three & wait
cat /tmp/three
wait
echo $?
rm /tmp/one /tmp/two /tmp/three
