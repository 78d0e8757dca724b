/**
 * What real programs are given on the simulated Unix: scripts of the Bourne shell, run by busybox there and
 * under the oracle, with the same files. They print nothing that differs from one machine to another: no
 * process numbers, times, or inodes.
 */

export interface Job {
  readonly name: string;
  readonly script: string;
}

/** busybox's shell, and its other programs by their names. */
export const SHELL: readonly Job[] = [
  {
    name: "loops, functions, arithmetic",
    script: `
i=0; sum=0
while [ $i -lt 50 ]; do i=$((i + 1)); sum=$((sum + i * i % 7)); done; echo $i $sum
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(($1 * $(fact $(($1 - 1))))); fi; }
fact 10
for w in a "b c" 'd  e'; do echo "<$w>"; done
case "hello.c" in *.h) echo h;; *.c) echo c;; esac
x=abcdef; echo \${x#ab} \${x%ef} \${#x} \${y:-none} \${x/cd/XX}
set -- one two three; shift; echo $# "$@"
cat <<END
here $x $((6 * 7))
END
false || echo or; true && echo and; ! false; echo $?
(exit 7); echo $?
`,
  },
  {
    name: "pipes and redirections",
    script: `
for i in 5 3 9 1 7; do echo $i line; done | sort -n | head -n 3 | tr a-z A-Z
seq 1 2000 | grep 7 | wc -l
seq 1 300 > numbers; awk '{ s += $1; n[$1 % 10]++ } END { print s, n[3], NR }' numbers
sed -n '10,12p; s/^2\\(.\\)0$/<\\1>/p' numbers
yes | head -n 3
cat nothing 2> errors; echo $?; cat errors
{ echo out; echo err >&2; } > both 2>&1; cat both
exec 3> third; echo through three >&3; exec 3>&-; cat third
mkfifo pipe; (seq 1 5 > pipe) & cat pipe; wait
seq 1 20000 | sort -r | uniq | tail -n 1
echo one two three | (read a b; echo $b; echo $a)
seq 3 | while read n; do echo "n=$n" | sed 's/=/ is /'; done
seq 10 | xargs -n 3 echo
dd if=/dev/zero bs=1000 count=70 2>/dev/null | wc -c
`,
  },
  {
    name: "files and directories",
    script: `
mkdir -p tree/a/b tree/c; echo one > tree/a/1; echo two > tree/a/b/2; echo three > tree/c/3
ln -s ../a/1 tree/c/link; ln tree/a/1 tree/c/hard
find tree | sort; find tree -type l; find tree -name '[12]' -exec cat {} \\; | sort
ls -1 tree/a tree/c; ls -l tree/c | awk 'NR > 1 { print $1, $2, $5, $9, $10, $11 }'
cp -a tree copy; diff -r tree copy && echo same; echo more >> copy/a/1; diff tree/a/1 copy/a/1; cmp tree/a/1 copy/a/1
chmod 640 tree/a/1; stat -c '%a %F %h' tree/a/1 tree/c/link tree/a
mv tree/a/b tree/moved; ls -R tree; readlink tree/c/link; rm -r tree/c; ls tree; rmdir tree/a; echo $?
touch -d '1991-02-03 04:05:06' old; stat -c %Y old; [ old -ot copy ] && echo older
du -a tree/moved > /dev/null && echo du; test -d tree -a ! -e nowhere && echo test; basename /x/y.c .c; dirname /x/y.c
pwd | sed 's/.*\\///' > /dev/null; cd tree && cd .. && echo back; umask 027; touch private; stat -c %a private
truncate -s 100000 sparse; wc -c < sparse; md5sum sparse; split -b 40000 sparse part; ls part*; cat part* | cmp - sparse && echo joined
`,
  },
  {
    name: "archives",
    script: `
mkdir -p pack/sub; seq 1 3000 > pack/numbers; echo text > pack/sub/text; ln -s numbers pack/link; chmod 600 pack/sub/text
tar cf pack.tar pack; tar tf pack.tar | sort; mkdir out; tar xf pack.tar -C out; diff -r pack out/pack && echo tar
gzip -c pack.tar > pack.tar.gz; gunzip -c pack.tar.gz | cmp - pack.tar && echo gzip; zcat pack.tar.gz | md5sum | wc -c
bzip2 -k pack/numbers; bunzip2 -c pack/numbers.bz2 | cmp - pack/numbers && echo bzip2; rm pack/numbers.bz2
tar czf two.tar.gz pack && tar xzOf two.tar.gz pack/sub/text
find pack -type f | sort | cpio -o -H newc 2>/dev/null | cpio -t 2>/dev/null
sha256sum pack/numbers; cksum pack/numbers; od -A d -t x1 pack/sub/text; uuencode -m pack/sub/text name
`,
  },
  {
    name: "signals and jobs",
    script: `
trap 'echo got term' TERM; kill -TERM $$; trap 'echo bye' EXIT
sh -c 'kill -9 $$'; echo $?
sh -c 'kill -SEGV $$' 2>/dev/null; echo $?
sleep 3 & sleep 0.5; kill $!; wait $! 2>/dev/null; echo $?
(sleep 0.05; echo late) & wait; echo after
timeout 0.1 sleep 10; echo $?
trap 'echo usr1' USR1; (kill -USR1 $$); sleep 0.02; echo on
seq 1 100000 | head -n 1; sh -c 'trap "" PIPE; exec seq 1 3'
set -m 2>/dev/null; sh -c 'exit 3' & wait $!; echo $?
( ulimit -n 10; ulimit -n ); sh -c 'ulimit -f 1; dd if=/dev/zero of=big bs=1024 count=10 2>/dev/null'; [ $? -ne 0 ] && echo limited; nice -n 5 nice
env -i A=1 B=2 env; echo "$0" > /dev/null; which nothing; expr 3 + 4; printf '%05d|%-5s|%x\\n' 42 ab 255; date -u -d @86400 +%F
`,
  },
];

/** Lua's interpreter: computation, files, the clock, a program that fails. */
export const LUA: readonly Job[] = [
  {
    name: "lua",
    script: `
cat > a.lua <<'END'
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print(fib(18), 7 // 2, 2 ^ 53, 0.1 + 0.2, math.maxinteger)
local f = assert(io.open("data", "w"))
for i = 1, 1000 do f:write(i, " ", i * i, "\\n") end
f:close()
local sum = 0
for line in io.lines("data") do local a, b = line:match("(%d+) (%d+)"); sum = sum + a * b end
print(sum, math.type(sum))
f = io.open("data", "r+"); f:seek("set", 100); f:write("XYZ"); f:seek("set", 98); print(f:read(8)); print(f:seek("end")); f:close()
print(os.rename("data", "moved"), io.open("data"), os.remove("moved"), os.remove("moved"))
print(os.getenv("HOME"), os.time({year = 2000, month = 1, day = 1, hour = 12}), os.execute("exit 3"))
local p = io.popen("seq 3 | tr 1-3 a-c"); print(p:read("a")); print(p:close())
print(os.clock() >= 0, os.tmpname() ~= nil, pcall(error, "x"), os.date("!%F", 0))
local t = {}; for i = 1, 20000 do t[i] = (i * 7919) % 10007 end; table.sort(t); print(t[1], t[10000], #t)
for i = 1, 50 do t = {}; for j = 1, 500 do t[j] = {j} end end; collectgarbage(); print(collectgarbage("count") < 4000)
io.stderr:write("to stderr\\n"); os.exit(5)
END
lua a.lua 2>&1; echo $?; lua -e 'error("wrong")' 2>&1; echo $?; lua nothing.lua 2>&1; echo $?; echo 'print(1 + 1)' | lua -; lua -v
`,
  },
];

/** bzip2 itself, there and back, and a file that it must refuse. */
export const BZIP2: readonly Job[] = [
  {
    name: "bzip2",
    script: `
seq 1 6000 > text; cp text saved
bz2 -9 text; ls; bz2 -t text.bz2; echo $?; bz2 -d text.bz2; cmp text saved && echo same
bz2 -c -1 < text | bz2 -dc | cmp - saved && echo piped
bz2 -k text; dd if=/dev/zero of=text.bz2 bs=1 seek=500 count=20 conv=notrunc 2>/dev/null
bz2 -t text.bz2 > /dev/null 2>&1; echo $?; bz2 -d text.bz2 > /dev/null 2>&1; echo $?; ls
`,
  },
];

/** sqlite's shell: databases in files, journals of both kinds (the write-ahead one is mapped), queries. */
export const SQLITE: readonly Job[] = [
  {
    name: "sqlite",
    script: `
sqlite3 a.db "create table t(x integer primary key, y text); insert into t values(1,'one'),(2,'two'); select count(*), max(y) from t;"
(echo "begin;"; seq 1 500 | while read i; do echo "insert into t values(10+$i, 'row' || $i);"; done; echo "commit;") | sqlite3 a.db
sqlite3 a.db "select sum(x), count(*), y from t where x % 7 = 3 group by length(y) order by 3; create index i on t(y); explain query plan select * from t where y = 'row7'; select x from t where y = 'row7';"
sqlite3 a.db "pragma journal_mode=wal; update t set y = y || 'x' where x < 100; pragma integrity_check; pragma wal_checkpoint;"
sqlite3 a.db "pragma journal_mode=delete; vacuum; pragma page_count;"; ls
sqlite3 a.db "begin; delete from t; select count(*) from t; rollback; select count(*) from t;"; sqlite3 a.db .dump | md5sum
sqlite3 a.db "select nothing" 2>&1; echo $?
sqlite3 :memory: "with recursive c(n) as (select 1 union all select n + 1 from c where n < 2000) select sum(n), avg(n * 1.5) from c; select printf('%.3f', 2.0 / 3), hex('abc'), strftime('%Y', 0, 'unixepoch');"
`,
  },
];
