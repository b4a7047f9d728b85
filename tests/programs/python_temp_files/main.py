import os
import pathlib
import shutil
import tempfile

with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "a.txt")
    path.write_text("one\n")
    with path.open("a") as file:
        file.write("two\n")
    other = path.rename(pathlib.Path(folder, "b.txt"))
    shutil.copy(other, folder + "/c.txt")
    print(sorted(os.listdir(folder)), pathlib.Path(folder, "c.txt").read_text().split())
print(os.path.exists(folder))
with tempfile.TemporaryFile() as file:
    file.write(b"0123456789")
    file.seek(5)
    print(file.read())
os.mkdir("mine")
os.symlink("mine", "link")
print(os.path.isdir("link"), os.readlink("link"))
