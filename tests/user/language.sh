# The language of the shell. What this prints is what dash prints.
x=hello; echo "$x" '$x' "${x}world" ${y:-default} ${#x}
y=a.b.c; echo ${y%.*} ${y%%.*} ${y#*.} ${y##*.}
for i in 1 2 3; do echo -n "$i "; done; echo
i=0; while [ $i -lt 5 ]; do i=$((i+1)); [ $i = 3 ] && continue; echo $i; done
until [ $i -le 0 ]; do i=$((i-2)); done; echo end $i
case foo.c in *.h) echo header;; *.c|*.cc) echo source;; *) echo other;; esac
f() { echo "f got $# args: $1 $2"; return 3; }
f one two; echo "status $?"
echo $(echo nested $(echo deep)) `echo back`
if false; then echo no; elif true; then echo elif; else echo else; fi
(cd /tmp; x=sub; echo "in $PWD $x"); echo "$x"
{ echo group; echo two; } | cat
cat <<END
value $x $(echo cmd) \$escaped
END
cat <<'END'
literal $x
END
cat <<-END
	tabs
	END
set -- a "b c" d; echo $#; for p in "$@"; do echo "[$p]"; done; for p; do echo "<$p>"; done; shift; echo "$1" "$*"
IFS=:; v=a:b::c; for w in $v; do echo "w=$w"; done; unset IFS
echo "a  b" a\ b 'q"q' "d'd"
echo ${z-unset} ${z:=assigned} $z ${z:+alt}
true && echo and || echo or; false || echo or2; ! true; echo $?
read a b <<X
first second third
X
echo "$a|$b"
echo $((1+2*3)) $(( (1+2)*3 )) $((7/2)) $((7%3)) $((1<<4)) $((5>3&&2<1))
n=5; echo $((n*n)) $((n>3?1:0)) $((n+=2)) $n $((!n)) $((-n)) $((0x10)) $((010))
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(( $1 * $(fact $(($1-1))) )); fi; }
fact 6
while read line; do echo "got: $line"; done <<E
l1
l2
E
printf_() { echo "$@"; }
printf_ "x y" z
x=1; { x=2; }; echo $x; ( x=3 ); echo $x
x=1 sh -c 'echo in $x'; echo out $x
eval 'echo eval "$x"'
for i in 1 2 3; do for j in a b c; do [ $j = b ] && break; [ $i = 2 ] && continue 2; echo $i$j; done; done
test -d / && test ! -f / && [ -n a -a -z "" ] && echo tests
[ 3 -gt 2 ] && [ abc != abd ]; echo $?
echo a b | while read p q; do echo "$q $p"; done
exec 3>/tmp/ex; echo to3 >&3; exec 3>&-; cat /tmp/ex; rm /tmp/ex
echo "${x:?}"; (echo ${nope:?message}; echo not) 2> /dev/null; echo "st $?"
: ${d:=dd}; echo $d
echo "$(printf_ 'multi
line')"
echo $(printf_ 'multi
line')
a='*'; echo "$a"; cd /etc; echo passw[d]; echo "p*"; echo [g]roup; echo none*; cd /
case "a b" in a\ b) echo matched;; esac
case x in [!a-w]) echo neg;; esac
if (exit 3); then :; else echo "sub $?"; fi
wait; sleep 0 & wait $!; echo "bg $?"
(exit 4) & wait $!; echo "bg $?"
true | false; echo $?; false | true; echo $?
f() { local_=1; return; }; f; echo "r $?"
set -e; false || true; if false; then :; fi; echo alive; (false; echo no) || echo caught
export V=1; sh -c 'echo $V'; unset V; sh -c 'echo "[$V]"'
echo "q\"q" "d\$d" 'a'\''b'
HOME=/home; echo ~ ~/x "~"
echo 'SRC=yes' > /tmp/c.sh; . /tmp/c.sh; echo "sourced $SRC"; rm /tmp/c.sh
echo end
