# What is wrong is told, and the shell goes on.
nowhere
echo $?
/nowhere
echo $?
/tests/failures.sh
echo $?
/tmp
echo $?
echo x | nowhere
echo $?
nowhere | cat
echo $?
sh -c 'echo "open'
echo $?
sh -c "echo 'open"
echo $?
sh -c 'echo x |'
echo $?
sh -c '| cat'
echo $?
sh -c 'echo >'
echo $?
sh -c 'true &&'
echo $?
sh -c '&& true'
echo $?
sh -c 'echo before; nowhere; echo after'
echo $?
sh -c 'true & & true'
echo $?
sh -c '|| true'
echo $?
sh -c 'false || # nothing'
echo $?
