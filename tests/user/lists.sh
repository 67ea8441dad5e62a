# ; && || and newlines.
echo a; echo b;echo c
true && echo yes
false && echo no
true || echo no
false || echo yes
true && true && echo yes
false && echo no || echo yes
true || echo no && echo yes
false || false || echo yes
false || true && echo yes
true && false
echo $?
false; true; echo $?
true && # and a comment
# another
  echo continued
false ||

echo continued

true | false || echo the last counts
false | true && echo the last counts
/bin/true && /bin/false || /bin/echo with paths
