import subprocess

made = subprocess.run(["sort", "-n"], input=input().replace(" ", "\n") + "\n", capture_output=True, text=True)
print(*made.stdout.split())
