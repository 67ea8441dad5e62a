# What is one word, and what is in it.
echo 'single  quotes' "double  quotes" back\ \ slash
echo ';&|<>#' ";&|<>#" \;\&\|\<\>\#
echo 'a'"b"c
echo '' "" end
echo "a \"word\" and a \\ and a \$ and a \`"
echo 'a \ stays, $? too'
echo "a
line" 'another
one'
echo one\
word "two\
words" 'three\
words'
echo no#comment # a comment
# a comment alone ; echo never
NAME=value
echo $NAME ${NAME}s "$NAME" '$NAME' \$NAME $NAMEs.
echo $NONE"x"$NONE
echo $
NAME='two words'
echo "$NAME"
cat '/tests/quotes.sh' | grep -c "a comment alone"
