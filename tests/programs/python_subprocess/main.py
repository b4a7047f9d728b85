import subprocess
import sys

done = subprocess.run(
    [sys.executable, "-c", "import sys; print(int(input()) * 2); print('note', file=sys.stderr); sys.exit(7)"],
    input="21\n",
    capture_output=True,
    text=True,
)
print(done.stdout.strip(), done.stderr.strip(), done.returncode)
print(subprocess.run([sys.executable, "-c", "print(open(0).read())"], stdin=sys.stdin, stdout=subprocess.PIPE).stdout)
