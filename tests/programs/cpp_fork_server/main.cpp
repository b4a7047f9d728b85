#include <iostream>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main()
{
    void *page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return 1;
    int *results = static_cast<int *>(page);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            results[i] = (i + 1) * (i + 1);
            _exit(0);
        }
    int status, ended = 0;
    while (wait(&status) > 0)
        ended += WIFEXITED(status);
    std::cout << ended << ' ' << results[0] + results[1] + results[2] + results[3] << std::endl;
}
