# The small programs. What this prints is what the build machine's own print.
cd /tmp
seq 1 12 > n; head -n 3 n; tail -n 2 n; tail -n +11 n; head n | tail -n 1
printf '%s-%05d|%x %c %-4s|%%\n' a 42 255 xyz b
printf '%s\n' one two three
printf 'oct \101 tab\tend\n'; printf '%b' 'a\nb\n'; printf '%5.2f\n' 3.14159
seq 3; seq 5 -2 1
echo hello | tr a-z A-Z; echo 'a  b   c' | tr -s ' '; echo abc123 | tr -d 0-9; echo abc | tr -cd 'ab'; echo
echo hello | tr '[:lower:]' '[:upper:]'
printf 'b\na\nc\na\n' | sort; printf 'b\na\nc\na\n' | sort -ru; printf '10\n9\n100\n' | sort -n
printf 'a\na\nb\nc\nc\n' | uniq; printf 'a\na\nb\n' | uniq -d; printf 'a\na\nb\n' | uniq -u
echo tee | tee one two; cat one two; echo more | tee -a one > /dev/null; cat one
env -i A=1 B=2 env; A=3 env | sort | tr -d ' ' | head -n 1
mkdir d d/e; echo x > d/f; echo y > d/e/g; cp -r d c; cat c/f c/e/g; cp -r d c; cat c/d/e/g
touch new d/.hidden; ls d; ls -a d | grep hidden
chmod 600 new; chmod u+x new; test -x new && echo x
chmod a-x new; test -x new || echo not x; chmod 755 new; test -x new && echo x again
head nowhere 2> /dev/null || echo no file; sort -q 2> /dev/null || echo no option
rm -r d c n one two new
