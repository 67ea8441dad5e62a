# What * ? and [...] in words become.
mkdir /tmp/patterns /tmp/patterns/one /tmp/patterns/two
cd /tmp/patterns
echo > b.c; echo > a.c; echo > ab.h; echo > .hidden; echo > 'a*c'; echo > one/x.c; echo > two/x.c; echo > two/y.c
echo *
echo *.c ?.c [b-z]*.c [!a]*.c *.none x*y
echo '*'.c "*.c" \*.c a\*? 'a*'c
echo .* ./*.h /tmp/pat*/*.h
echo */x.c */ two/../*.h o*/ none/* */none t*//y.c
NAME=*.h
echo $NAME "$NAME" '$NAME'
cat *.h | wc
echo text > *.new; cat '*.new'
echo back\\slash [ ] a[b
cd /
rm -r /tmp/pat*
echo /tmp/pat*
