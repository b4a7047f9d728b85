import os

reader, writer = os.pipe()
child = os.fork()
if child == 0:
    os.close(reader)
    os.write(writer, b"hello")
    os._exit(9)
os.close(writer)
print(os.read(reader, 100), os.read(reader, 100))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
